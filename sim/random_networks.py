"""Random untrained dense networks, each from one seed: the corner cases of the regression and of the tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from model.base.errors import UserError
from model.golden import input_levels
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    NeuronMode,
    Synapses,
    WireCode,
    verify_network,
    with_proved_widths,
)
from model.integer_network.structure import INPUT
from rtl.core_settings import DEFAULT_SETTINGS, CoreSettings
from rtl.link_plan import plan_links
from rtl.unrolled_plan import step_matrix
from sim.random_neurons import NeuronShape, Start, draw_neuron, draw_readout, rough_activity

DENSE = "dense"
"""Begins the name of every such network."""
Pixels = npt.NDArray[np.uint8]


class Kind(StrEnum):
    """What the hidden layers of a network are made of."""

    PASCAL = "pascal"
    SIGNED = "signed"
    OPI = "opi"
    ZERO_START = "zero start"
    OWN_STARTS = "own starts"
    LEAKY = "leaky"
    MULTI_SPIKE = "multi-spike"


METHODS = {
    Kind.PASCAL: "pascal", Kind.SIGNED: "pmsm", Kind.OPI: "opi", Kind.ZERO_START: "qcfs",
    Kind.OWN_STARTS: "dual-phase", Kind.LEAKY: "dual-phase", Kind.MULTI_SPIKE: "pmsm",
}  # fmt: skip
_DEFERRED = (Kind.PASCAL, Kind.SIGNED)
CAUSAL_KINDS = (Kind.OPI, Kind.MULTI_SPIKE, Kind.OWN_STARTS, Kind.LEAKY, Kind.ZERO_START)
_DEFERRED_CODES = (WireCode.UNARY, WireCode.BITS, WireCode.COUNT)
_INPUT_CHANNELS = (1, 2, 3, 5, 7, 8, 11, 13, 17, 19, 23, 29, 31, 37, 41, 64)
_NEURONS = (1, 1, 2, 3, 5, 7, 8, 11, 13, 17, 19, 23, 29, 31, 37)
_CLASSES = (1, 2, 3, 5, 7, 10, 11)
_LARGEST = 64
# Spikes of a white frame in unary code; more would make one network the longest part of a regression.
_MOST_UNARY_SPIKES = 2048
# Spikes of a busy neuron in a frame, likewise.
_MOST_MULTI_SPIKES = 256
_CALIBRATION_FRAMES = 64
_MOST_WIRED_WEIGHTS = 2500
_MOST_LOGIC_LEVELS = 8


@dataclass(frozen=True, eq=False)
class RandomCase:
    """One case: a verified network, (frames, channels) pixels to send through it, and how the core is built.

    Attributes:
        lanes: of its layers.
        unrolled: layers that are built with the unrolled engine, the others with that of events.
        settings: of the whole core.
    """

    seed: int
    network: Network
    lanes: tuple[int, ...]
    pixels: Pixels
    unrolled: frozenset[str] = frozenset()
    settings: CoreSettings = DEFAULT_SETTINGS

    @property
    def engines(self) -> list[str]:
        """Of its layers."""
        return ["unrolled" if layer.name in self.unrolled else "event" for layer in self.network.layers]

    @property
    def name(self) -> str:
        """What it is made of and its seed, such as ``dense-1042``; this is enough to draw it again."""
        return self.network.name


def kind_of(seed: int) -> Kind:
    """Drawn in turn: even seeds are deferred, odd ones causal."""
    kinds = CAUSAL_KINDS if seed % 2 else _DEFERRED
    return kinds[seed // 2 % len(kinds)]


def random_case(seed: int, frames: int = 12, kind: Kind | str | None = None) -> RandomCase:
    """Draw a case.

    Args:
        seed: says everything about the case.
        frames: images; the first is black, the second white.
        kind: where it is None, by the seed in turn.
    """
    generator = np.random.default_rng(seed)
    chosen = Kind(kind) if kind is not None else kind_of(seed)
    # A rare draw may need more than the 32 bits that the integer network admits; the next one from the same seed is taken.
    for _ in range(100):
        try:
            network = _draw_network(generator, chosen, f"{DENSE}-{seed}")
        except UserError:
            continue
        lanes = tuple(_draw_lanes(generator, layer.neuron.neurons) for layer in network.layers)
        pixels = draw_pixels(generator, frames, network.encoder.neurons)
        unrolled = _draw_unrolled(generator, network)
        ends = {network.layers[0].name, network.readout.name}
        port = "frame" if ends <= unrolled and generator.random() < 0.5 else "stream"
        levels = int(generator.integers(1, _MOST_LOGIC_LEVELS + 1)) if unrolled else DEFAULT_SETTINGS.logic_levels
        return RandomCase(seed, network, lanes, pixels, unrolled, CoreSettings(port=port, logic_levels=levels))
    raise RuntimeError(f"seed {seed}: no admissible network in 100 draws")


def draw_pixels(generator: np.random.Generator, frames: int, channels: int) -> Pixels:
    """(frames, channels): black, white, then noise of random density, so that silent and busy frames occur."""
    density = generator.uniform(0.1, 1.0, size=(frames, 1))
    noise = generator.integers(0, 256, size=(frames, channels))
    pixels = np.where(generator.random((frames, channels)) < density, noise, 0).astype(np.uint8)
    pixels[0:1] = 0
    pixels[1:2] = 255
    return pixels


def _draw_lanes(generator: np.random.Generator, neurons: int) -> int:
    """Any number of lanes, a divisor of the neurons or not."""
    return int(generator.integers(1, neurons + 1))


def _draw_unrolled(generator: np.random.Generator, network: Network) -> frozenset[str]:
    """In two of three networks any layers that are not causal, and small enough to be compiled in seconds."""
    links = plan_links(network)
    sizes = [step_matrix(layer, link).size for layer, link in zip(network.layers, links, strict=True)]
    share = generator.choice([0.0, 0.5, 1.0])
    drawn = generator.random(len(sizes)) < share
    pairs = zip(network.layers, sizes, drawn, strict=True)
    return frozenset(
        layer.name
        for layer, size, chosen in pairs
        if chosen and size <= _MOST_WIRED_WEIGHTS and layer.neuron.mode is not NeuronMode.CAUSAL
    )


def _draw_network(generator: np.random.Generator, kind: Kind, name: str) -> Network:
    causal = kind in CAUSAL_KINDS
    bits = int(generator.integers(1, 9))
    channels = int(generator.choice(_INPUT_CHANNELS))
    unary = generator.random() < 0.5 and channels << bits <= _MOST_UNARY_SPIKES
    code = InputCode.DIRECT if causal else InputCode.UNARY if unary else InputCode.BITS
    # A network that is nothing but a readout is of every deferred kind and of no causal one.
    hidden = int(generator.integers(0 if kind is Kind.PASCAL else 1, 4))
    sizes = [int(generator.choice(_NEURONS)) for _ in range(hidden)]
    time_steps = _draw_count(generator)
    draw_shape = SHAPES[kind]
    return draw_weights(
        generator,
        name=name,
        method=METHODS[kind],
        encoder=Encoder((channels,), bits, code),
        sizes=sizes,
        shapes=[draw_shape(generator, time_steps) for _ in range(hidden)],
        classes=int(generator.choice(_CLASSES)),
    )


def _draw_count(generator: np.random.Generator) -> int:
    """A number of levels or of time steps: mostly small, now and then up to the largest."""
    return int(generator.integers(16, _LARGEST + 1) if generator.random() < 0.2 else generator.integers(1, 16))


def _draw_code(generator: np.random.Generator) -> WireCode:
    return _DEFERRED_CODES[generator.integers(len(_DEFERRED_CODES))]


def _unsigned(generator: np.random.Generator, time_steps: int) -> NeuronShape:
    del time_steps
    return NeuronShape(_draw_code(generator), _draw_count(generator))


def _signed(generator: np.random.Generator, time_steps: int) -> NeuronShape:
    """Mostly as many levels below zero as above, or any other number; a layer in five has none."""
    del time_steps
    levels = _draw_count(generator)
    drawn = generator.random()
    lowest = 0 if drawn < 0.2 else levels if drawn < 0.6 else _draw_count(generator)
    return NeuronShape(_draw_code(generator), levels, -lowest)


def _causal(generator: np.random.Generator, time_steps: int, start: Start) -> NeuronShape:
    return NeuronShape(WireCode.TRAIN, _draw_count(generator), time_steps=time_steps, start=start)


def _leaky(generator: np.random.Generator, time_steps: int) -> NeuronShape:
    start = Start(str(generator.choice(list(Start))))
    if generator.random() < 0.2:
        return _causal(generator, time_steps, start)
    levels = _draw_count(generator)
    return NeuronShape(WireCode.TRAIN, levels, -levels, time_steps, spikes=(-1, 1), leaky=True, start=start)


def _multi_spike(generator: np.random.Generator, time_steps: int) -> NeuronShape:
    """Spikes −N..P in a time step, for levels in the same ratio."""
    most = max(_MOST_MULTI_SPIKES // time_steps, 1)
    largest = min(_draw_count(generator), most)
    drawn = generator.random()
    lowest = 0 if drawn < 0.25 else largest if drawn < 0.6 else min(_draw_count(generator), most)
    divisor = int(np.gcd(largest, lowest))
    factor = int(generator.integers(1, _LARGEST * divisor // max(largest, lowest) + 1))
    levels, below = largest // divisor * factor, lowest // divisor * factor
    start = Start(str(generator.choice(list(Start))))
    return NeuronShape(WireCode.TRAIN, levels, -below, time_steps, spikes=(-lowest, largest), start=start)


SHAPES: dict[Kind, Callable[[np.random.Generator, int], NeuronShape]] = {
    Kind.PASCAL: _unsigned,
    Kind.SIGNED: _signed,
    Kind.OPI: lambda generator, steps: _causal(generator, steps, Start.HALF),
    Kind.ZERO_START: lambda generator, steps: _causal(generator, steps, Start.ZERO),
    Kind.OWN_STARTS: lambda generator, steps: _causal(generator, steps, Start.ANY),
    Kind.LEAKY: _leaky,
    Kind.MULTI_SPIKE: _multi_spike,
}


def draw_weights(
    generator: np.random.Generator,
    *,
    name: str,
    method: str,
    encoder: Encoder,
    sizes: Sequence[int],
    shapes: Sequence[NeuronShape],
    classes: int,
) -> Network:
    """Draw the numbers of a network of given sizes; thresholds follow the charge of random images, so that neurons are active.

    Args:
        generator: source of all randomness.
        name: of the network.
        method: that would have made such a network.
        encoder: input; direct for a causal network.
        sizes: neurons of each hidden layer.
        shapes: what these are; time steps of causal layers are the same for all.
        classes: neurons of the readout.

    Raises:
        UserError: the numbers drawn need wider potentials than an integer network may have.
    """
    pixels = draw_pixels(generator, _CALIBRATION_FRAMES, encoder.neurons)
    activity = input_levels(pixels, encoder).astype(np.int64)
    source, steps, layers = INPUT, 1, []
    for index, (size, shape) in enumerate(zip(sizes, shapes, strict=True)):
        synapses = _draw_synapses(generator, source, size, activity.shape[1])
        charge = activity @ synapses.weights.T / steps
        neuron = draw_neuron(generator, charge, shape)
        source, steps = f"hidden{index + 1}", shape.steps_of_charge
        layers.append(Layer(source, (synapses,), neuron))
        activity = rough_activity(neuron, charge)
    synapses = _draw_synapses(generator, source, classes, activity.shape[1])
    layers.append(Layer("readout", (synapses,), draw_readout(generator, classes, steps)))
    return verify_network(with_proved_widths(Network(name, method, encoder, tuple(layers))))


def _draw_synapses(generator: np.random.Generator, source: str, neurons: int, channels: int) -> Synapses:
    """Weights of random width and sparsity; now and then a neuron or an input channel has none."""
    weight_bits = int(generator.integers(2, 9))
    largest = (1 << (weight_bits - 1)) - 1
    weights = generator.integers(-largest, largest + 1, size=(neurons, channels))
    weights[generator.random(weights.shape) < generator.uniform(0, 0.8)] = 0
    weights[generator.random(neurons) < 0.1] = 0
    weights[:, generator.random(channels) < 0.1] = 0
    return Synapses(source, weights.astype(np.int64), weight_bits)
