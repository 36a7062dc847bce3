"""The golden simulator: published vectors, the specification word for word, and the reference on random networks."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.golden import count_operations, input_levels, input_spikes, simulate
from model.golden.decode import decoded_levels
from model.golden.encoding import unary_patterns
from model.golden.step import compare_golden
from model.integer_network import Encoder, InputCode, Network, NeuronMode, WireCode, save_network
from model.reference import evaluate_reference
from tests.model.networks import (
    causal,
    chain,
    column,
    deferred,
    networks,
    one_neuron,
    readout,
    some_pixels,
    tiny_causal_network,
    tiny_network,
)
from tests.model.specification import SpecifiedNetwork

# One charge a time step with threshold 4 and initial potential 2: charges, level of the ANN, train of a plain
# integrate-and-fire neuron, its last potential, the early-packed train. From the survey of conversion methods.
VECTORS = [
    ((2, -2), 0, (1, 0), -2, (0, 0)),
    ((-2, 10), 2, (0, 1), 6, (1, 1)),
    ((6, 6, -12), 0, (1, 1, 0), -6, (0, 0, 0)),
    ((20, 0), 2, (1, 1), 14, (1, 1)),
    ((-9, 5), 0, (0, 0), -2, (0, 0)),
    ((1, 1, 1, 1), 1, (0, 1, 0, 0), 2, (1, 0, 0, 0)),
    ((0, 0, 0, 2), 1, (0, 0, 0, 1), 0, (1, 0, 0, 0)),
    ((-3, -3, 9, 9), 3, (0, 0, 1, 1), 6, (1, 1, 1, 0)),
    ((3, 3, 3, 3), 3, (1, 1, 0, 1), 2, (1, 1, 1, 0)),
    ((-2,), 0, (0,), 0, (0,)),
    ((-3,), 0, (0,), -1, (0,)),
]


def charged(charges: tuple[int, ...], mode: NeuronMode) -> tuple[Network, np.ndarray]:
    """A network whose neuron "hidden2" receives these charges, one a time step.

    Channel j of hidden1 fires in time step j alone. With causal neurons: the direct input is constant, so channel j needs
    j + 1 steps to reach its threshold and then never again. With deferred ones the charge comes at once.
    """
    steps = len(charges)
    weights = np.array([charges])
    if mode is NeuronMode.CAUSAL:
        high = 1000
        first = causal(steps, steps, np.full(steps, high), high - 1 - np.arange(steps), np.ones(steps, dtype=np.int64))
        second = causal(steps, steps, column(4), column(2), column(0))
        code = InputCode.DIRECT
    else:
        first = deferred(WireCode.UNARY, 1, np.ones(steps, dtype=np.int64), np.ones(steps, dtype=np.int64))
        second = deferred(WireCode.UNARY, steps, column(4), column(2))
        code = InputCode.BITS
    silent = np.zeros((steps, 1), dtype=np.int64)
    network = chain(Encoder((1,), 1, code), [silent, weights, np.array([[1]])], [first, second, readout(column(0))], 8)
    return network, np.zeros((1, 1), dtype=np.uint8)


@pytest.mark.parametrize("charges, level, train, last, early", VECTORS)
def test_plain_neuron_fires_as_published(
    charges: tuple[int, ...], level: int, train: tuple[int, ...], last: int, early: tuple[int, ...]
) -> None:
    network, pixels = charged(charges, NeuronMode.CAUSAL)
    result = simulate(network, pixels)
    assert result.layers["hidden1"].spikes[:, 0].tolist() == np.eye(len(charges), dtype=int).tolist()
    assert tuple(result.layers["hidden2"].spikes[:, 0, 0]) == train
    assert result.layers["hidden2"].potentials.tolist() == [[last]]


@pytest.mark.parametrize("charges, level, train, last, early", VECTORS)
def test_deferred_neuron_sends_the_level_of_the_ann_packed_early(
    charges: tuple[int, ...], level: int, train: tuple[int, ...], last: int, early: tuple[int, ...]
) -> None:
    network, pixels = charged(charges, NeuronMode.DEFERRED)
    result = simulate(network, pixels)
    assert tuple(result.layers["hidden2"].spikes[:, 0, 0]) == early
    assert result.layers["hidden2"].potentials.tolist() == [[2 + sum(charges)]]
    reference = evaluate_reference(network, input_levels(pixels, network.encoder))
    assert reference.levels["hidden2"].tolist() == [[level]]


@settings(max_examples=150)
@given(networks(NeuronMode.DEFERRED), st.integers(0, 1000))
def test_deferred_networks_equal_the_reference_in_every_level_and_score(network: Network, seed: int) -> None:
    pixels = some_pixels(network, 7, seed)
    reference = evaluate_reference(network, input_levels(pixels, network.encoder))
    comparison = compare_golden(network, reference, simulate(network, pixels))
    assert comparison.equal, comparison.first
    assert comparison.values == 7 * network.neurons


@settings(max_examples=60)
@given(networks(NeuronMode.DEFERRED), st.integers(0, 1000))
def test_the_wire_code_changes_no_level(network: Network, seed: int) -> None:
    pixels = some_pixels(network, 5, seed)
    weights = [layer.synapses[0].weights for layer in network.layers]
    results = []
    for code in (WireCode.UNARY, WireCode.BITS):
        neurons = [deferred(code, layer.neuron.levels, layer.neuron.threshold, layer.neuron.offset) for layer in network.hidden]
        recoded = chain(network.encoder, weights, [*neurons, network.readout.neuron], network.layers[0].synapses[0].weight_bits)
        results.append((recoded, simulate(recoded, pixels)))
    (unary, first), (_, second) = results
    for layer in unary.hidden:
        of_trains, of_bits = (decoded_levels(net.layer(layer.name), r.layers[layer.name].spikes) for net, r in results)
        assert np.array_equal(of_trains, of_bits)
    assert np.array_equal(first.scores, second.scores)


@settings(max_examples=40)
@given(networks(NeuronMode.CAUSAL), st.integers(0, 1000))
def test_the_first_layer_with_constant_charge_is_exact(network: Network, seed: int) -> None:
    """Lemma of the survey: with constant charge and V0 in 0 … Θ − 1 a causal neuron sends exactly the ANN's level."""
    if not network.hidden:
        return
    neuron = network.hidden[0].neuron
    same = causal(neuron.time_steps, neuron.time_steps, neuron.threshold, neuron.offset, neuron.step_bias)
    first = chain(
        network.encoder,
        [network.layers[0].synapses[0].weights, np.ones((1, neuron.channels), dtype=np.int64)],
        [same, readout(column(0))],
        network.layers[0].synapses[0].weight_bits,
    )
    pixels = some_pixels(first, 7, seed)
    reference = evaluate_reference(first, input_levels(pixels, first.encoder))
    assert compare_golden(first, reference, simulate(first, pixels)).equal


@settings(max_examples=100)
@given(networks(), st.integers(0, 1000))
def test_every_spike_and_score_follows_the_specification(
    tmp_path_factory: pytest.TempPathFactory, network: Network, seed: int
) -> None:
    path = tmp_path_factory.mktemp("network") / "network.safetensors"
    save_network(network, path)
    specified = SpecifiedNetwork(path)
    pixels = some_pixels(network, 3, seed)
    result = simulate(network, pixels)
    for frame in range(3):
        trace = specified.run(pixels[frame].tolist())
        assert result.input_spikes[:, frame].tolist() == trace["input"]
        for layer in network.hidden:
            assert result.layers[layer.name].spikes[:, frame].tolist() == trace[layer.name]
        assert result.scores[frame].tolist() == trace["scores"]
        assert int(result.classes[frame]) == trace["class"]


@settings(max_examples=60)
@given(networks(), st.integers(0, 1000))
def test_counts_are_sums_over_frames(network: Network, seed: int) -> None:
    pixels = some_pixels(network, 4, seed)
    together = count_operations(network, simulate(network, pixels))
    alone = [count_operations(network, simulate(network, pixels[frame : frame + 1])) for frame in range(4)]
    for field in ("input_spikes", "accumulates", "compares", "bias_adds", "doublings", "charge_adds", "spikes", "silent_neurons"):
        assert together.total(field) == sum(counts.total(field) for counts in alone)
    for layer in network.layers:
        counts = together.layers[layer.name]
        assert counts.resets == counts.spikes
        assert counts.accumulates == counts.input_spikes * layer.neuron.channels
        assert counts.zero_accumulates <= counts.accumulates
        assert counts.neurons == 4 * layer.neuron.channels


def test_counts_of_a_network_that_can_be_counted_on_paper() -> None:
    """Levels 3 and 1: planes (1, 0) and (1, 1), three spikes; charges 2 and 6, levels ⌊3/2⌋ = 1 and ⌊5/3⌋ = 1."""
    network = tiny_network()
    result = simulate(network, np.array([[192, 64]], dtype=np.uint8))
    hidden, last = (count_operations(network, result).layers[name] for name in ("hidden1", "readout"))
    assert (hidden.input_spikes, hidden.accumulates, hidden.zero_accumulates) == (3, 6, 1)
    assert (hidden.doublings, hidden.bias_adds, hidden.charge_adds, hidden.compares) == (2, 2, 0, 6)
    assert (hidden.spikes, hidden.silent_neurons) == (2, 0)
    assert (last.input_spikes, last.accumulates, last.zero_accumulates) == (2, 4, 1)
    assert (last.doublings, last.bias_adds, last.compares, last.spikes) == (0, 2, 0, 0)
    assert result.scores.tolist() == [[1, 4]]


def test_counts_of_a_causal_network_that_can_be_counted_on_paper() -> None:
    """Levels 3 and 1: constant charge 2 plus bias 1 on 2 of 4: potentials 5, 4, 3, 6, so spikes in steps 0, 1 and 3."""
    network = tiny_causal_network()
    result = simulate(network, np.array([[192, 64]], dtype=np.uint8))
    assert result.layers["hidden1"].spikes[:, 0, 0].tolist() == [1, 1, 0, 1]
    hidden = count_operations(network, result).layers["hidden1"]
    assert (hidden.input_spikes, hidden.accumulates, hidden.doublings) == (3, 3, 1)
    assert (hidden.bias_adds, hidden.charge_adds, hidden.compares, hidden.spikes) == (1, 4, 4, 3)
    assert result.scores.tolist() == [[11]]


def test_levels_are_the_top_bits_of_a_pixel() -> None:
    encoder = Encoder((3,), 3, InputCode.BITS)
    assert input_levels(np.array([[0, 127, 255]], dtype=np.uint8), encoder).tolist() == [[0, 3, 7]]
    spikes = input_spikes(np.array([[1, 3, 6]], dtype=np.uint8), encoder)
    assert spikes[:, 0].tolist() == [[0, 0, 1], [0, 1, 1], [1, 1, 0]]


@pytest.mark.parametrize("bits", range(1, 9))
def test_a_unary_level_is_as_many_spikes_spread_evenly(bits: int) -> None:
    patterns = unary_patterns((1 << bits) - 1)
    assert patterns.sum(axis=1).tolist() == list(range(1 << bits))


def test_batches_of_frames_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    network = tiny_network()
    pixels = some_pixels(network, 11, 3)
    whole = simulate(network, pixels, record_history=True)
    monkeypatch.setattr(sys.modules[simulate.__module__], "_FRAMES_AT_ONCE", 4)
    parts = simulate(network, pixels, record_history=True)
    assert np.array_equal(whole.input_spikes, parts.input_spikes)
    for name, trace in whole.layers.items():
        assert np.array_equal(trace.spikes, parts.layers[name].spikes)
        assert np.array_equal(trace.potentials, parts.layers[name].potentials)
        assert np.array_equal(trace.history, parts.layers[name].history)


def test_no_frame_is_no_fault() -> None:
    network = tiny_network()
    assert simulate(network, np.empty((0, 1, 2), dtype=np.uint8)).scores.shape == (0, 2)


def test_wide_potentials_are_exact_where_single_precision_is_not() -> None:
    """127·255·600 = 19,431,000 needs 26 bits; one more than 2**24 would be lost in single precision."""
    channels = 600
    weights = np.full((1, channels), 127)
    weights[0, -1] = 126
    network = chain(Encoder((channels,), 8, InputCode.BITS), [weights], [readout(column(1))], 8)
    assert network.readout.neuron.potential_bits == 26
    pixels = np.full((1, channels), 255, dtype=np.uint8)
    pixels[0, 0] = 254
    assert simulate(network, pixels).scores.tolist() == [[127 * 255 * channels - 255 - 127 + 1]]


@pytest.mark.parametrize("level", range(8))
@pytest.mark.parametrize("levels", range(1, 8))
@pytest.mark.parametrize("code", [WireCode.UNARY, WireCode.BITS])
def test_levels_are_held_at_the_level_count(code: WireCode, levels: int, level: int) -> None:
    network = one_neuron(deferred(code, levels, column(1), column(0)), bits=3)
    result = simulate(network, np.array([[level << 5]], dtype=np.uint8))
    assert result.scores.tolist() == [[min(level, levels)]]


def test_ties_go_to_the_lowest_class() -> None:
    network = chain(Encoder((1,), 1, InputCode.BITS), [np.zeros((3, 1), dtype=np.int64)], [readout(column(1, 2, 2))])
    result = simulate(network, np.zeros((2, 1), dtype=np.uint8))
    assert result.classes.tolist() == [1, 1]
    assert evaluate_reference(network, np.zeros((2, 1), dtype=np.int64)).classes.tolist() == [1, 1]
