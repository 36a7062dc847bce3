"""Random untrained dense networks, each from one seed: the corner cases of the regression and of the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.base.errors import UserError
from model.golden import input_levels
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Neuron,
    NeuronMode,
    Synapses,
    WireCode,
    verify_network,
    with_proved_widths,
)
from model.integer_network.structure import INPUT, IntArray, bit_planes, unary_steps

Pixels = npt.NDArray[np.uint8]
Charge = npt.NDArray[np.float64]

METHODS = ("pascal", "opi")
"""Drawn in turn: even seeds are deferred, odd ones causal."""
_INPUT_CHANNELS = (1, 2, 3, 5, 7, 8, 11, 13, 17, 19, 23, 29, 31, 37, 41, 64)
_NEURONS = (1, 1, 2, 3, 5, 7, 8, 11, 13, 17, 19, 23, 29, 31, 37)
_CLASSES = (1, 2, 3, 5, 7, 10, 11)
# Spikes of a white frame in unary code; more would make one network the longest part of a regression.
_MOST_UNARY_SPIKES = 2048
_CALIBRATION_FRAMES = 64


@dataclass(frozen=True, eq=False)
class RandomCase:
    """One case: a verified network, the lanes of its layers, and (frames, channels) pixels to send through it."""

    seed: int
    network: Network
    lanes: tuple[int, ...]
    pixels: Pixels


def random_case(seed: int, frames: int = 12, method: str | None = None) -> RandomCase:
    """Draw a case.

    Args:
        seed: says everything about the case.
        frames: images; the first is black, the second white.
        method: pascal or opi; where it is None, by the seed in turn.
    """
    generator = np.random.default_rng(seed)
    chosen = method if method is not None else METHODS[seed % len(METHODS)]
    # A rare draw may need more than the 32 bits that the integer network admits; the next one from the same seed is taken.
    for _ in range(100):
        try:
            network = _draw_network(generator, chosen, f"random-{seed}")
        except UserError:
            continue
        lanes = tuple(_draw_lanes(generator, layer.neuron.channels) for layer in network.layers)
        return RandomCase(seed, network, lanes, draw_pixels(generator, frames, network.encoder.channels))
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


def _draw_network(generator: np.random.Generator, method: str, name: str) -> Network:
    causal = method == "opi"
    bits = int(generator.integers(1, 9))
    channels = int(generator.choice(_INPUT_CHANNELS))
    unary = generator.random() < 0.5 and channels << bits <= _MOST_UNARY_SPIKES
    code = InputCode.DIRECT if causal else InputCode.UNARY if unary else InputCode.BITS
    encoder = Encoder((channels,), bits, code)
    hidden = int(generator.integers(1 if causal else 0, 4))
    sizes = [int(generator.choice(_NEURONS)) for _ in range(hidden)]
    classes = int(generator.choice(_CLASSES))
    time_steps = int(generator.integers(1, 16))
    levels = [time_steps if causal else int(generator.integers(1, 16)) for _ in range(hidden)]
    codes = [WireCode(str(generator.choice([WireCode.UNARY, WireCode.BITS]))) for _ in range(hidden)]
    return draw_weights(
        generator,
        name=name,
        encoder=encoder,
        sizes=sizes,
        levels=levels,
        codes=None if causal else codes,
        classes=classes,
    )


def draw_weights(
    generator: np.random.Generator,
    *,
    name: str,
    encoder: Encoder,
    sizes: Sequence[int],
    levels: Sequence[int],
    codes: Sequence[WireCode] | None,
    classes: int,
) -> Network:
    """Draw the weights of a network of given sizes; thresholds follow the charge of random images, so that neurons are active.

    Args:
        generator: source of all randomness.
        name: of the network.
        encoder: input; direct for a causal network.
        sizes: neurons of each hidden layer.
        levels: level count of each hidden layer; of a causal network its time steps, the same for all.
        codes: wire code of each hidden layer; None for a causal network.
        classes: neurons of the readout.

    Raises:
        UserError: the numbers drawn need wider potentials than an integer network may have.
    """
    causal = codes is None
    pixels = draw_pixels(generator, _CALIBRATION_FRAMES, encoder.channels)
    activity = input_levels(pixels, encoder).astype(np.int64)
    source, source_steps, layers = INPUT, 1, []
    for index, (size, count) in enumerate(zip(sizes, levels, strict=True)):
        synapses = _draw_synapses(generator, source, size, activity.shape[1])
        # Of a frame for a deferred layer; of one time step, on average, for a causal one.
        charge = activity @ synapses.weights.T / source_steps
        if codes is None:
            neuron = _draw_causal(generator, charge, count)
        else:
            neuron = _draw_deferred(generator, charge, count, codes[index])
        layers.append(Layer(f"hidden{index + 1}", (synapses,), neuron))
        reached = count * (charge + neuron.step_bias) if causal else charge
        activity = np.clip((reached + neuron.offset) // neuron.threshold, 0, count).astype(np.int64)
        source, source_steps = f"hidden{index + 1}", count if causal else 1
    synapses = _draw_synapses(generator, source, classes, activity.shape[1])
    offset = generator.integers(-20, 21, size=classes) * (levels[-1] if causal else 1)
    readout = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, _none(), offset.astype(np.int64), _none(), 32)
    layers.append(Layer("readout", (synapses,), readout))
    return verify_network(with_proved_widths(Network(name, METHODS[causal], encoder, tuple(layers))))


def _none() -> IntArray:
    return np.zeros(0, dtype=np.int64)


def _draw_synapses(generator: np.random.Generator, source: str, neurons: int, channels: int) -> Synapses:
    """Weights of random width and sparsity; now and then a neuron or an input channel has none."""
    weight_bits = int(generator.integers(2, 9))
    largest = (1 << (weight_bits - 1)) - 1
    weights = generator.integers(-largest, largest + 1, size=(neurons, channels))
    weights[generator.random(weights.shape) < generator.uniform(0, 0.8)] = 0
    weights[generator.random(neurons) < 0.1] = 0
    weights[:, generator.random(channels) < 0.1] = 0
    return Synapses(source, weights.astype(np.int64), weight_bits)


def _draw_deferred(generator: np.random.Generator, charge: Charge, levels: int, code: WireCode) -> Neuron:
    threshold = _draw_threshold(generator, charge / levels)
    bias = (generator.uniform(-0.5, 1.5, size=threshold.shape) * threshold).astype(np.int64)
    steps = unary_steps(levels) if code is WireCode.UNARY else bit_planes(levels)
    return Neuron(NeuronMode.DEFERRED, code, levels, steps, threshold, threshold // 2 + bias, _none(), 32)


def _draw_causal(generator: np.random.Generator, charge: Charge, steps: int) -> Neuron:
    threshold = _draw_threshold(generator, charge)
    bias = (generator.uniform(-0.1, 0.3, size=threshold.shape) * threshold).astype(np.int64)
    return Neuron(NeuronMode.CAUSAL, WireCode.TRAIN, steps, steps, threshold, threshold // 2, bias, 32)


def _draw_threshold(generator: np.random.Generator, charge: Charge) -> IntArray:
    """Around the larger charges of each neuron, so that some frames make it fire and some do not."""
    large = np.quantile(np.abs(charge), 0.8, axis=0)
    return np.maximum((large * generator.uniform(0.3, 1.2, size=large.shape)).astype(np.int64), 1)
