"""Small networks of maps whose every number the tests know: two sources whose planes differ, pooling, groups, all modes."""

import numpy as np

from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Neuron,
    NeuronMode,
    Synapses,
    Window,
    WireCode,
    verify_network,
    wire_steps,
    with_proved_widths,
)

NONE = np.zeros(0, dtype=np.int64)


def weights(seed: int, *shape: int, largest: int = 7) -> np.ndarray:
    return np.random.default_rng(seed).integers(-largest, largest + 1, shape)


def column(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def readout(classes: int, scale: int = 1) -> Neuron:
    return Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, NONE, (np.arange(classes, dtype=np.int64) - 1) * scale, NONE, 2)


def deferred(code: WireCode, levels: int, threshold: np.ndarray, positions: tuple[int, int], lowest: int = 0) -> Neuron:
    steps = wire_steps(code, lowest, levels)
    return Neuron(
        NeuronMode.DEFERRED, code, levels, steps, threshold, threshold // 2, NONE, 2, lowest=lowest, positions=positions
    )


def network(name: str, encoder: Encoder, *layers: Layer) -> Network:
    return verify_network(with_proved_widths(Network(name, "test", encoder, layers)))


def residual_network(planes: int = 3) -> Network:
    """A convolution; a grouped one beside a 1×1 one of the input, with more planes, pooled; a pooled readout."""
    first = deferred(WireCode.BITS, 3, column(25, 30, 35, 40), (5, 6))
    second = deferred(WireCode.COUNT, 5, column(20, 25, 30, 22), (3, 3), lowest=-2)
    return network(
        "residual",
        Encoder((2, 5, 6), planes, InputCode.BITS),
        Layer("hidden1", (Synapses("input", weights(1, 4, 2, 3, 3), 4, padding=(1, 1)),), first),
        Layer(
            "hidden2",
            (
                Synapses("hidden1", weights(2, 4, 2, 3, 2), 4, padding=(1, 1), stride=(1, 1), groups=2),
                Synapses("input", weights(3, 4, 2, 1, 2, largest=15), 5, padding=(0, 1)),
            ),
            second,
            Window((2, 3), (2, 2), (1, 0)),
        ),
        Layer("readout", (Synapses("hidden2", weights(4, 3, 4), 4, pooling=(3, 2)),), readout(3)),
    )


def causal_network() -> Network:
    """Several spikes of either sign, each neuron with a potential of its own to start with; trains beside direct input."""
    starts = np.random.default_rng(5).integers(-9, 10, 27)
    several = Neuron(
        NeuronMode.CAUSAL, WireCode.TRAIN, 3, 4, column(12, 15, 18), starts, column(2, -3, 1), 2,
        lowest=-2, largest_spike=3, lowest_spike=-2, positions=(3, 3),
    )  # fmt: skip
    plain = Neuron(
        NeuronMode.CAUSAL, WireCode.TRAIN, 3, 4, column(20, 24, 28), column(10, 12, 14), column(1, 2, -3), 2, positions=(3, 3)
    )
    return network(
        "causal",
        Encoder((5, 7), 3, InputCode.DIRECT),
        Layer("hidden1", (Synapses("input", weights(6, 3, 1, 3, 3, largest=3), 4, stride=(2, 2), padding=(1, 0)),), several),
        Layer(
            "hidden2",
            (
                Synapses("hidden1", weights(7, 3, 1, 3, 3), 4, padding=(1, 1), groups=3),
                Synapses("input", weights(8, 3, 1, 1, 1), 4, pooling=(1, 2), stride=(2, 1)),
            ),
            plain,
        ),
        Layer("readout", (Synapses("hidden2", weights(9, 3, 27), 4),), readout(3, scale=4)),
    )


def leaky_network() -> Network:
    """Negative spikes with a threshold of their own; a readout of two sources, one of them pooled with a remainder."""
    leaky = Neuron(
        NeuronMode.CAUSAL, WireCode.TRAIN, 3, 3, column(14, 18, 22), column(7, 9, 11), column(1, -2, 3), 2,
        lowest=-3, lowest_spike=-1, negative_threshold=column(9, 12, 15), positions=(3, 5),
    )  # fmt: skip
    return network(
        "leaky",
        Encoder((1, 5, 5), 2, InputCode.DIRECT),
        Layer("hidden1", (Synapses("input", weights(10, 3, 1, 3, 1), 4),), leaky),
        Layer(
            "readout",
            (Synapses("hidden1", weights(11, 3, 6), 4, pooling=(2, 2)), Synapses("hidden1", weights(12, 3, 45), 4)),
            readout(3, scale=3),
        ),
    )
