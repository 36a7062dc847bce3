"""Random untrained networks of maps, each from one seed: convolutions, pooling and residual connections in all their forms."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from model.base.errors import UserError
from model.golden import input_levels
from model.golden.charge import Charge
from model.golden.pooling import largest_of_windows
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Shape,
    Synapses,
    Window,
    verify_network,
    with_proved_widths,
)
from model.integer_network.structure import INPUT, IntArray
from rtl.core_plan import plan_core
from rtl.core_settings import CoreSettings
from rtl.link_plan import is_map
from rtl.map_plan import full_banks
from sim.random_networks import CAUSAL_KINDS, METHODS, SHAPES, Kind, RandomCase, draw_pixels, kind_of
from sim.random_neurons import NeuronShape, Start, draw_neuron, draw_readout, draw_start, rough_activity

MAPS = "maps"
"""Begins the name of every such network."""
# A layer may be called what a part of the core is called.
_NAMES = ("encoder", "encoder_inputs", "fork0_encoder", "addresses1")

Pair = tuple[int, int]

_IMAGE_CHANNELS = (1, 1, 2, 3)
_CHANNELS = (1, 2, 3, 4, 5, 6, 7)
_CLASSES = (1, 2, 3, 5, 10)
_IMAGE_SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9)
_LARGEST_WINDOW = 4
_CALIBRATION_FRAMES = 16
_TRIES = 40


@dataclass(frozen=True, eq=False)
class _Source:
    """What a layer may read: name, map, about what it sends in a frame, (frames, neurons), and in how many time steps."""

    name: str
    map: Shape
    activity: IntArray
    steps: int


def random_map_case(seed: int, frames: int = 6, kind: Kind | str | None = None, for_core: bool = False) -> RandomCase:
    """Draw a case whose layers are maps.

    Args:
        seed: says everything about the case.
        frames: images; the first is black, the second white.
        kind: where it is None, by the seed in turn.
        for_core: only what the event engine can build, with lanes for several banks in every other map.
    """
    generator = np.random.default_rng(seed)
    chosen = Kind(kind) if kind is not None else kind_of(seed)
    # A rare draw may need more than the 32 bits that the integer network admits; the next one from the same seed is taken.
    for _ in range(100):
        try:
            network = draw_map_network(generator, chosen, f"{MAPS}-{seed}")
            if for_core:
                plan_core(network)
        except UserError:
            continue
        lanes = tuple(_draw_lanes(generator, network, layer, for_core) for layer in network.layers)
        pixels = draw_pixels(generator, frames, network.encoder.neurons)
        return RandomCase(seed, network, lanes, pixels, settings=CoreSettings(int(generator.integers(1, 3))))
    raise RuntimeError(f"seed {seed}: no admissible network in 100 draws")


def _draw_lanes(generator: np.random.Generator, network: Network, layer: Layer, for_core: bool) -> int:
    """Any number for the channels; of the core also so many that a row of a window, or all of it, is charged in one pass."""
    channels = layer.neuron.channels
    if for_core and is_map(network, layer) and generator.random() < 0.5:
        rows, columns = full_banks(network, layer)
        return channels * columns * (rows if generator.random() < 0.5 else 1)
    return int(generator.integers(1, channels + 1))


def draw_map_network(generator: np.random.Generator, kind: Kind, name: str) -> Network:
    """One to four hidden layers, mostly convolutions, every other one with a residual connection.

    Args:
        generator: source of all randomness.
        kind: of the neurons.
        name: of the network.

    Raises:
        UserError: the numbers drawn need wider potentials than an integer network may have.
    """
    encoder = _draw_encoder(generator, causal=kind in CAUSAL_KINDS)
    pixels = draw_pixels(generator, _CALIBRATION_FRAMES, encoder.neurons)
    sources = [_Source(INPUT, encoder.map, input_levels(pixels, encoder).astype(np.int64), 1)]
    layers = []
    time_steps = int(generator.integers(1, 9))
    for index in range(int(generator.integers(1, len(_NAMES) + 1))):
        shape = SHAPES[kind](generator, time_steps)
        layer, source = _draw_layer(generator, _NAMES[index], sources, shape)
        layers.append(layer)
        sources.append(source)
    layers.append(_draw_readout(generator, sources))
    return verify_network(with_proved_widths(Network(name, METHODS[kind], encoder, tuple(layers))))


def _draw_encoder(generator: np.random.Generator, causal: bool) -> Encoder:
    rows, columns = (int(size) for size in generator.choice(_IMAGE_SIZES, 2))
    channels = int(generator.choice(_IMAGE_CHANNELS))
    shape = (rows, columns) if channels == 1 and generator.random() < 0.5 else (channels, rows, columns)
    unary = generator.random() < 0.4
    bits = int(generator.integers(1, 5 if unary else 9))
    return Encoder(shape, bits, InputCode.DIRECT if causal else InputCode.UNARY if unary else InputCode.BITS)


def _draw_layer(generator: np.random.Generator, name: str, sources: list[_Source], shape: NeuronShape) -> tuple[Layer, _Source]:
    is_residual = generator.random() < 0.5
    groups = [_draw_main(generator, sources[-1], keeps_map=is_residual and generator.random() < 0.6)]
    potentials = groups[0].output(sources[-1].map)
    if is_residual:
        groups += _draw_residual(generator, sources, potentials)
    charge = _charge(groups, sources, potentials)
    # One row a frame and position, one column a channel.
    positions = potentials.rows * potentials.columns
    by_channel = charge.reshape(-1, potentials.channels, positions).swapaxes(1, 2).reshape(-1, potentials.channels)
    neuron = draw_neuron(generator, by_channel, shape)
    activity = rough_activity(neuron, by_channel).reshape(-1, positions, potentials.channels).swapaxes(1, 2)
    sent, window = activity.reshape(-1, potentials.size), None
    if not shape.causal and generator.random() < 0.4:
        window = _draw_window(generator, potentials, None)
    neurons = potentials
    if window is not None:
        sent = largest_of_windows(sent, potentials, window)
        neurons = Shape(potentials.channels, *window.positions(*potentials.positions))
    neuron = replace(neuron, positions=neurons.positions)
    if shape.causal and shape.start is Start.ANY:
        neuron = replace(neuron, offset=draw_start(generator, neuron.spread(neuron.threshold), Start.ANY))
    return Layer(name, tuple(groups), neuron, window), _Source(name, neurons, sent, shape.steps_of_charge)


def _draw_readout(generator: np.random.Generator, sources: list[_Source]) -> Layer:
    classes = int(generator.choice(_CLASSES))
    groups = [_draw_linear(generator, sources[-1], classes)]
    if len(sources) > 2 and generator.random() < 0.3:
        groups.append(_draw_linear(generator, sources[int(generator.integers(1, len(sources) - 1))], classes))
    return Layer("readout", tuple(groups), draw_readout(generator, classes, sources[-1].steps))


def _draw_main(generator: np.random.Generator, source: _Source, keeps_map: bool) -> Synapses:
    """A linear group now and then, else a convolution of whatever fits, or one that leaves the map as it is."""
    found = None
    if keeps_map:
        found = _draw_convolution(generator, source, source.map.channels, source.map.positions)
    elif generator.random() < 0.85:
        found = _draw_convolution(generator, source, None, None)
    return found if found is not None else _draw_linear(generator, source, int(generator.choice(_CHANNELS)))


def _draw_residual(generator: np.random.Generator, sources: list[_Source], potentials: Shape) -> list[Synapses]:
    """A second group that charges the same map: an identity where one fits, a convolution or linear; none if none is found."""
    source = sources[int(generator.integers(len(sources)))] if generator.random() < 0.5 else sources[-1]
    if potentials.positions == (1, 1) and generator.random() < 0.3:
        return [_draw_linear(generator, source, potentials.channels)]
    found = _draw_identity(generator, source, potentials) if generator.random() < 0.6 else None
    if found is None:
        found = _draw_convolution(generator, source, potentials.channels, potentials.positions)
    return [] if found is None else [found]


def _draw_identity(generator: np.random.Generator, source: _Source, potentials: Shape) -> Synapses | None:
    """Integer gains, of any stride and pooling that lead to the map."""
    if source.map.channels != potentials.channels:
        return None
    for _ in range(_TRIES):
        bits = int(generator.integers(2, 13))
        gains = _draw_weights(generator, (potentials.channels, 1, 1, 1), bits)
        stride = (int(generator.integers(1, 4)), int(generator.integers(1, 4)))
        group = Synapses(source.name, gains, bits, _draw_pooling(generator, source.map), stride, groups=potentials.channels)
        if group.output(source.map) == potentials:
            return group
    return None


def _draw_linear(generator: np.random.Generator, source: _Source, neurons: int) -> Synapses:
    pooling = _draw_pooling(generator, source.map)
    bits = int(generator.integers(2, 9))
    inputs = source.map.channels * (source.map.rows // pooling[0]) * (source.map.columns // pooling[1])
    return Synapses(source.name, _draw_weights(generator, (neurons, inputs), bits), bits, pooling)


def _draw_convolution(
    generator: np.random.Generator, source: _Source, channels: int | None, wanted: Pair | None
) -> Synapses | None:
    """Any groups, depthwise among them, and any window that fits; with the channels and positions that are wanted, if any."""
    divisors = [number for number in range(1, source.map.channels + 1) if source.map.channels % number == 0]
    groups = int(generator.choice(divisors)) if generator.random() < 0.6 else 1
    if channels is None:
        channels = groups * int(generator.integers(1, 4)) if groups > 1 else int(generator.choice(_CHANNELS))
    elif channels % groups:
        groups = math.gcd(channels, groups)
    pooling = _draw_pooling(generator, source.map)
    pooled = Shape(source.map.channels, source.map.rows // pooling[0], source.map.columns // pooling[1])
    window = _draw_window(generator, pooled, wanted)
    if window is None:
        return None
    bits = int(generator.integers(2, 9))
    weights = _draw_weights(generator, (channels, source.map.channels // groups, *window.size), bits)
    return Synapses(source.name, weights, bits, pooling, window.stride, window.padding, groups)


def _draw_window(generator: np.random.Generator, inputs: Shape, wanted: Pair | None) -> Window | None:
    """Any size, stride and padding that fit, and give the wanted positions; None where none is found."""
    for _ in range(_TRIES):
        rows, columns = (int(size) for size in generator.integers(1, _LARGEST_WINDOW + 1, 2))
        stride = (int(generator.integers(1, 4)), int(generator.integers(1, 4)))
        window = Window((rows, columns), stride, (int(generator.integers(rows)), int(generator.integers(columns))))
        positions = window.positions(*inputs.positions)
        if min(positions) > 0 and wanted in (None, positions):
            return window
    return None


def _draw_pooling(generator: np.random.Generator, inputs: Shape) -> Pair:
    """Mostly none; small windows, or the whole map."""
    drawn = generator.random()
    if drawn < 0.7:
        return 1, 1
    if drawn < 0.8:
        return inputs.positions
    return int(generator.integers(1, min(inputs.rows, 3) + 1)), int(generator.integers(1, min(inputs.columns, 3) + 1))


def _draw_weights(generator: np.random.Generator, shape: tuple[int, ...], bits: int) -> IntArray:
    """Weights of random sparsity; now and then a channel has none."""
    largest = (1 << (bits - 1)) - 1
    weights = generator.integers(-largest, largest + 1, size=shape)
    weights[generator.random(shape) < generator.uniform(0, 0.7)] = 0
    weights[generator.random(shape[0]) < 0.1] = 0
    return weights.astype(np.int64)


def _charge(groups: list[Synapses], sources: list[_Source], potentials: Shape) -> np.ndarray:
    """About the charge of a frame, of causal layers that of a time step, (frames, potentials)."""
    by_name = {source.name: source for source in sources}
    total = np.zeros((_CALIBRATION_FRAMES, potentials.size))
    for group in groups:
        source = by_name[group.source]
        total += Charge(group, source.map, np.float64)(source.activity) / source.steps
    return total
