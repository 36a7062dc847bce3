"""Small untrained networks for the tests: every feature of the integer network at sizes that compile fast."""

from dataclasses import dataclass, replace

import numpy as np

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
    wire_steps,
    with_proved_widths,
)

NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Shape:
    """What a random network looks like: neurons with input and readout, levels and codes of the hidden layers.

    ``lowest``: the lowest level of deferred hidden layers; ``spikes``: what causal ones send in a time step, and ``leaky``:
    those whose negative spikes have a threshold of their own. Empty where all of them are unsigned and plain.
    """

    neurons: tuple[int, ...]
    code: InputCode
    bits: int
    levels: tuple[int, ...] = ()
    codes: tuple[WireCode, ...] = ()
    weight_bits: int = 4
    time_steps: int = 0
    lowest: tuple[int, ...] = ()
    spikes: tuple[tuple[int, int], ...] = ()
    leaky: tuple[bool, ...] = ()


def random_network(shape: Shape, seed: int) -> Network:
    """A network of that shape with thresholds in reach of its charges, so that its neurons do fire and do not always."""
    generator = np.random.default_rng(seed)
    layers = []
    source, source_levels = "input", (1 << shape.bits) - 1
    for index, (inputs, neurons) in enumerate(zip(shape.neurons[:-1], shape.neurons[1:], strict=True)):
        last = index == len(shape.neurons) - 2
        name = "readout" if last else f"hidden{index + 1}"
        largest = (1 << (shape.weight_bits - 1)) - 1
        weights = generator.integers(-largest, largest + 1, (neurons, inputs))
        weights[-1 if neurons > 1 else neurons :] = 0  # the last of several neurons hears nothing
        reach = max(1, int(np.sqrt(inputs) * largest * source_levels))
        neuron = _readout(generator, neurons, shape) if last else _hidden(generator, neurons, shape, index, reach)
        layers.append(Layer(name, (Synapses(source, weights, shape.weight_bits),), neuron))
        source, source_levels = name, max(1, neuron.levels)
    encoder = Encoder((shape.neurons[0],), shape.bits, shape.code)
    return verify_network(with_proved_widths(Network("random", "random", encoder, tuple(layers))))


def _readout(generator: np.random.Generator, neurons: int, shape: Shape) -> Neuron:
    steps = max(1, shape.time_steps)
    return Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, NONE, generator.integers(-20, 21, neurons) * steps, NONE, 2)


def _hidden(generator: np.random.Generator, neurons: int, shape: Shape, index: int, reach: int) -> Neuron:
    levels = shape.levels[index]
    if shape.code is InputCode.DIRECT:
        plain = Neuron(
            NeuronMode.CAUSAL,
            WireCode.TRAIN,
            levels,
            shape.time_steps,
            threshold := generator.integers(1, reach + 1, neurons),
            threshold // 2,
            generator.integers(-reach // 4 - 1, reach // 4 + 2, neurons),
            2,
        )
        return _with_spikes(generator, plain, shape.spikes[index], shape.leaky[index]) if shape.spikes else plain
    code = shape.codes[index]
    lowest = shape.lowest[index] if shape.lowest else 0
    threshold = generator.integers(1, reach // levels + 2, neurons)
    offset = generator.integers(-reach // 4 - 1, reach // 2 + 2, neurons)
    steps = wire_steps(code, lowest, levels)
    return Neuron(NeuronMode.DEFERRED, code, levels, steps, threshold, offset, NONE, 2, lowest=lowest)


def _with_spikes(generator: np.random.Generator, plain: Neuron, spikes: tuple[int, int], leaky: bool) -> Neuron:
    """A causal neuron that sends ``spikes`` in a time step, with an initial potential of each neuron's own."""
    low, high = spikes
    threshold = plain.threshold // high + 1
    return replace(
        plain,
        threshold=threshold,
        offset=generator.integers(-threshold, 2 * threshold),
        lowest=plain.levels * low // high,
        lowest_spike=low,
        largest_spike=high,
        negative_threshold=generator.integers(1, 2 * threshold + 1) if leaky else NONE,
    )


def deaf_network() -> Network:
    """Its neuron hears nothing and never fires: the proved width is the least that there is."""
    zero, one = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64)
    hidden = Neuron(NeuronMode.CAUSAL, WireCode.TRAIN, 2, 2, one, zero, zero, 1)
    readout = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, NONE, np.array([0, 2]), NONE, 2)
    layers = (
        Layer("hidden1", (Synapses("input", np.zeros((1, 2), dtype=np.int64), 2),), hidden),
        Layer("readout", (Synapses("hidden1", np.ones((2, 1), dtype=np.int64), 2),), readout),
    )
    return verify_network(with_proved_widths(Network("deaf", "opi", Encoder((2,), 1, InputCode.DIRECT), layers)))


def random_pixels(network: Network, frames: int, seed: int) -> np.ndarray:
    """Frames of random pixels, the first all dark and the second all bright."""
    pixels = np.random.default_rng(seed).integers(0, 256, (frames, network.encoder.neurons), dtype=np.uint8)
    pixels[0], pixels[1] = 0, 255
    return pixels
