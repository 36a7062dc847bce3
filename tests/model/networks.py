"""Random integer networks for property tests, and a tiny one that can be checked on paper."""

import itertools

import numpy as np
from hypothesis import strategies as st

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

NONE = np.empty(0, dtype=np.int64)


def column(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def deferred(code: WireCode, levels: int, threshold: np.ndarray, offset: np.ndarray, lowest: int = 0) -> Neuron:
    steps = wire_steps(code, lowest, levels)
    return Neuron(NeuronMode.DEFERRED, code, levels, steps, threshold, offset, NONE, 1, lowest)


def causal(
    levels: int,
    time_steps: int,
    threshold: np.ndarray,
    initial: np.ndarray,
    bias: np.ndarray,
    lowest: int = 0,
    spikes: tuple[int, int] = (0, 1),
    negative_threshold: np.ndarray = NONE,
) -> Neuron:
    return Neuron(
        NeuronMode.CAUSAL,
        WireCode.TRAIN,
        levels,
        time_steps,
        threshold,
        initial,
        bias,
        1,
        lowest,
        spikes[1],
        spikes[0],
        negative_threshold,
    )


def readout(offset: np.ndarray) -> Neuron:
    return Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, NONE, offset, NONE, 1)


def chain(encoder: Encoder, weights: list[np.ndarray], neurons: list[Neuron], weight_bits: int = 4) -> Network:
    """A verified network with proved widths; layers are called hidden1, hidden2, … and readout."""
    names = [f"hidden{index + 1}" for index in range(len(neurons) - 1)] + ["readout"]
    sources = ["input", *names[:-1]]
    layers = tuple(
        Layer(name, (Synapses(source, matrix, weight_bits),), neuron)
        for name, source, matrix, neuron in zip(names, sources, weights, neurons, strict=True)
    )
    causal_first = neurons[0].mode is NeuronMode.CAUSAL
    return verify_network(with_proved_widths(Network("test", "opi" if causal_first else "pascal", encoder, layers)))


def tiny_network() -> Network:
    """2-2-2, 3-bit weights, levels 3 in unary code."""
    return chain(
        Encoder((1, 2), 2, InputCode.BITS),
        [np.array([[1, -1], [2, 0]]), np.array([[1, 0], [-3, 2]])],
        [deferred(WireCode.UNARY, 3, column(2, 3), column(1, -1)), readout(column(0, 5))],
        weight_bits=3,
    )


def tiny_causal_network() -> Network:
    """2-1-1 with direct input, four time steps for three levels."""
    return chain(
        Encoder((2,), 2, InputCode.DIRECT),
        [np.array([[1, -1]]), np.array([[1]])],
        [causal(3, 4, column(4), column(2), column(1)), readout(column(8))],
        weight_bits=2,
    )


def one_neuron(neuron: Neuron, code: InputCode = InputCode.BITS, bits: int = 8) -> Network:
    """One channel, one neuron with weight 1, and a readout that passes it on."""
    return chain(Encoder((1,), bits, code), [np.array([[1]]), np.array([[1]])], [neuron, readout(column(0))])


@st.composite
def networks(draw: st.DrawFn, mode: NeuronMode | None = None, most_channels: int = 9, most_bits: int = 8) -> Network:
    """Chains of 0 to 3 hidden layers in one mode, any code, −15 to 15 levels, thresholds within reach of the charges."""
    chosen = mode if mode is not None else draw(st.sampled_from([NeuronMode.DEFERRED, NeuronMode.CAUSAL]))
    sizes = draw(st.lists(st.integers(1, most_channels), min_size=2, max_size=5))
    hidden = len(sizes) - 2
    if chosen is NeuronMode.CAUSAL and hidden:
        code = InputCode.DIRECT
    else:
        code = draw(st.sampled_from([InputCode.BITS, InputCode.UNARY]))
    bits = draw(st.integers(1, min(most_bits, 5 if code is InputCode.UNARY else 8)))
    weight_bits = draw(st.integers(2, 8))
    time_steps = draw(st.integers(1, 8))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    largest = (1 << (weight_bits - 1)) - 1
    weights, neurons, most = [], [], (1 << bits) - 1
    for index, (sources, channels) in enumerate(itertools.pairwise(sizes)):
        weights.append(generator.integers(-largest, largest + 1, (channels, sources)))
        reach = 1 + largest * most * sources
        if index == hidden:
            steps = time_steps if chosen is NeuronMode.CAUSAL and hidden else 1
            neurons.append(readout(generator.integers(-reach, reach + 1, channels) * steps))
            break
        if chosen is NeuronMode.CAUSAL:
            neurons.append(draw(_causal_neurons(channels, time_steps, reach, generator)))
        else:
            neurons.append(draw(_deferred_neurons(channels, reach, generator)))
        low, high = neurons[-1].wire_range if chosen is NeuronMode.CAUSAL else neurons[-1].frame_range
        most = max(-low, high)
    return chain(Encoder((sizes[0],), bits, code), weights, neurons, weight_bits)


@st.composite
def _deferred_neurons(draw: st.DrawFn, channels: int, reach: int, generator: np.random.Generator) -> Neuron:
    """Any code, unsigned or signed."""
    code = draw(st.sampled_from([WireCode.UNARY, WireCode.BITS, WireCode.COUNT]))
    levels = draw(st.integers(1, 15))
    lowest = draw(st.one_of(st.just(0), st.integers(-15, 0)))
    threshold = generator.integers(1, reach // levels + 2, channels)
    offset = generator.integers(-reach // 2, reach + 1, channels)
    return deferred(code, levels, threshold, offset, lowest)


@st.composite
def _causal_neurons(draw: st.DrawFn, channels: int, time_steps: int, reach: int, generator: np.random.Generator) -> Neuron:
    """Plain neurons of V0 = ⌊Θ/2⌋, others with any V0: multi-spikes, signed ones, leaky ones."""
    kind = draw(st.sampled_from(["plain", "plain", "several", "signed", "leaky"]))
    threshold = generator.integers(1, reach + 1, channels)
    bias = generator.integers(-reach // 2, reach // 2 + 1, channels)
    levels = draw(st.integers(1, 15))
    if kind == "plain":
        return causal(levels, time_steps, threshold, threshold // 2, bias)
    initial = generator.integers(-reach, reach + 1, channels)
    if kind == "leaky":
        negative = threshold * draw(st.integers(1, 100))
        return causal(levels, time_steps, threshold, initial, bias, -levels, (-1, 1), negative)
    most, times = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    least = draw(st.integers(-7, -1)) if kind == "signed" else 0
    return causal(most * times, time_steps, threshold, initial, bias, least * times, (least, most))


def some_pixels(network: Network, frames: int, seed: int) -> np.ndarray:
    """(frames, channels) of random pixels, the first frame dark, the second bright."""
    pixels = np.random.default_rng(seed).integers(0, 256, (frames, network.encoder.neurons), dtype=np.uint8)
    pixels[:1], pixels[1:2] = 0, 255
    return pixels
