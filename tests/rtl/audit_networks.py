"""Small networks by hand for the tests of audit and estimate."""

from __future__ import annotations

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
WEIGHTS = np.array([[1, -2, 3], [0, 7, -7], [5, 5, 5], [-1, -1, 2], [4, 0, 6]])
THRESHOLDS, OFFSETS = (4, 5, 6, 7, 8), (2, -1, 0, 3, -4)
READOUT_WEIGHTS = np.array([[1, 0, -1, 2, 1], [2, 3, -3, 0, -2]])


def deferred_network(code: WireCode = WireCode.BITS, levels: int = 5, encoder: InputCode = InputCode.BITS) -> Network:
    """Three pixels, five deferred neurons, two classes."""
    hidden = Neuron(
        NeuronMode.DEFERRED, code, levels, wire_steps(code, 0, levels), np.array(THRESHOLDS), np.array(OFFSETS), NONE, 0
    )
    readout = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, NONE, np.array([1, -2]), NONE, 0)
    layers = (
        Layer("first", (Synapses("input", WEIGHTS, 4),), hidden),
        Layer("last", (Synapses("first", READOUT_WEIGHTS, 3),), readout),
    )
    return verify_network(with_proved_widths(Network("small", "pascal", Encoder((3,), 2, encoder), layers)))


def signed_network(code: WireCode = WireCode.COUNT) -> Network:
    """The same sizes with levels −2 to 5 in any code."""
    steps = wire_steps(code, -2, 5)
    hidden = Neuron(NeuronMode.DEFERRED, code, 5, steps, np.array(THRESHOLDS), np.array(OFFSETS), NONE, 0, lowest=-2)
    readout = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, NONE, np.array([1, -2]), NONE, 0)
    layers = (
        Layer("first", (Synapses("input", WEIGHTS, 4),), hidden),
        Layer("last", (Synapses("first", READOUT_WEIGHTS, 3),), readout),
    )
    return verify_network(with_proved_widths(Network("signed", "pmsm", Encoder((3,), 2, InputCode.BITS), layers)))


def multi_spike_network() -> Network:
    """The same sizes with direct input, neurons that send −1 to 3 in a time step, then leaky ones."""
    step_bias, threshold = np.array([1, -1, 2, 0, 3]), np.array([6, 8, 10, 12, 14])
    first = Neuron(
        NeuronMode.CAUSAL, WireCode.TRAIN, 3, 2, threshold, threshold // 2, step_bias, 0,
        lowest=-1, largest_spike=3, lowest_spike=-1,
    )  # fmt: skip
    second = Neuron(
        NeuronMode.CAUSAL, WireCode.TRAIN, 2, 2, np.array([3, 5]), np.array([1, 2]), np.array([0, -1]), 0,
        lowest=-2, largest_spike=1, lowest_spike=-1, negative_threshold=np.array([7, 9]),
    )  # fmt: skip
    readout = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, NONE, np.array([2, -4]), NONE, 0)
    layers = (
        Layer("first", (Synapses("input", WEIGHTS, 4),), first),
        Layer("second", (Synapses("first", READOUT_WEIGHTS, 3),), second),
        Layer("last", (Synapses("second", np.array([[1, -1], [-1, 1]]), 2),), readout),
    )
    return verify_network(with_proved_widths(Network("multi", "pmsm", Encoder((3,), 2, InputCode.DIRECT), layers)))


def causal_network() -> Network:
    """The same sizes with direct input and two causal layers."""
    step_bias, threshold = np.array([1, -1, 2, 0, 3]), np.array([6, 8, 10, 12, 14])
    first = Neuron(NeuronMode.CAUSAL, WireCode.TRAIN, 3, 3, threshold, threshold // 2, step_bias, 0)
    second = Neuron(NeuronMode.CAUSAL, WireCode.TRAIN, 3, 3, np.array([3, 5]), np.array([1, 2]), np.array([0, -1]), 0)
    readout = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, NONE, np.array([3, -6]), NONE, 0)
    layers = (
        Layer("first", (Synapses("input", WEIGHTS, 4),), first),
        Layer("second", (Synapses("first", READOUT_WEIGHTS, 3),), second),
        Layer("last", (Synapses("second", np.array([[1, -1], [-1, 1]]), 2),), readout),
    )
    return verify_network(with_proved_widths(Network("causal", "opi", Encoder((3,), 2, InputCode.DIRECT), layers)))
