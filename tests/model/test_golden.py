"""The golden simulator: published vectors, the specification word for word, and the reference on random networks."""

import sys
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.golden import count_operations, input_levels, input_spikes, simulate
from model.golden.counts import LayerCounts
from model.golden.decode import decoded_levels
from model.golden.encoding import unary_patterns
from model.golden.step import compare_golden
from model.integer_network import (
    Encoder,
    InputCode,
    Network,
    NeuronMode,
    WireCode,
    halving_multiples,
    save_network,
    verify_network,
    with_proved_widths,
)
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
    for code in (WireCode.UNARY, WireCode.BITS, WireCode.COUNT):
        neurons = [
            deferred(code, neuron.levels, neuron.threshold, neuron.offset, neuron.lowest)
            for neuron in (layer.neuron for layer in network.hidden)
        ]
        recoded = chain(network.encoder, weights, [*neurons, network.readout.neuron], network.layers[0].synapses[0].weight_bits)
        results.append((recoded, simulate(recoded, pixels)))
    first = results[0][1]
    for layer in network.hidden:
        levels = [decoded_levels(net.layer(layer.name), result.layers[layer.name].spikes) for net, result in results]
        assert np.array_equal(levels[0], levels[1])
        assert np.array_equal(levels[0], levels[2])
    assert all(np.array_equal(first.scores, result.scores) for _, result in results)


@settings(max_examples=40)
@given(networks(NeuronMode.CAUSAL), st.integers(0, 1000))
def test_the_first_layer_with_constant_charge_is_exact(network: Network, seed: int) -> None:
    """Lemma of the survey: with constant charge and V0 in 0 … Θ − 1 a causal neuron sends exactly the ANN's level."""
    if not network.hidden:
        return
    neuron = network.hidden[0].neuron
    same = causal(neuron.time_steps, neuron.time_steps, neuron.threshold, neuron.threshold // 2, neuron.step_bias)
    first = chain(
        network.encoder,
        [network.layers[0].synapses[0].weights, np.ones((1, neuron.neurons), dtype=np.int64)],
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
    for field in (field.name for field in fields(LayerCounts)):
        assert together.total(field) == sum(counts.total(field) for counts in alone)
    for layer in network.layers:
        counts = together.layers[layer.name]
        if not layer.neuron.fires_by_division and not layer.neuron.is_leaky:
            assert counts.resets == counts.spikes == counts.events
        assert counts.input_events <= counts.input_spikes
        assert counts.events <= counts.spikes
        assert counts.resets <= counts.compares
        assert counts.accumulates == counts.input_spikes * layer.neuron.neurons
        assert counts.zero_accumulates <= counts.accumulates
        assert counts.neurons == 4 * layer.neuron.neurons


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


SIGNED = [((2, -2), 0), ((-2, 10), 2), ((6, 6, -12), 0), ((20, 0), 3), ((-9, 5), -1), ((1, 1, 1, 1), 1), ((0, 0, 0, 2), 1),
          ((-3, -3, 9, 9), 3), ((3, 3, 3, 3), 3), ((-2,), 0), ((-3,), -1)]  # fmt: skip
"""The signed quantiser −2..3 of the survey's table, threshold 4, initial potential 2."""


@pytest.mark.parametrize("code", [WireCode.UNARY, WireCode.BITS, WireCode.COUNT])
@pytest.mark.parametrize("charges, level", SIGNED)
def test_a_signed_neuron_sends_the_level_of_the_signed_quantiser(charges: tuple[int, ...], level: int, code: WireCode) -> None:
    steps = len(charges)
    first = deferred(WireCode.UNARY, 1, np.ones(steps, dtype=np.int64), np.ones(steps, dtype=np.int64))
    second = deferred(code, 3, column(4), column(2), lowest=-2)
    silent = np.zeros((steps, 1), dtype=np.int64)
    weights = [silent, np.array([charges]), np.array([[1]])]
    network = chain(Encoder((1,), 1, InputCode.BITS), weights, [first, second, readout(column(0))], 8)
    result = simulate(network, np.zeros((1, 1), dtype=np.uint8))
    assert decoded_levels(network.layer("hidden2"), result.layers["hidden2"].spikes).tolist() == [[level]]
    assert result.scores.tolist() == [[level]]


def test_a_negative_level_travels_as_negative_spikes() -> None:
    trains = {}
    for code in (WireCode.UNARY, WireCode.BITS, WireCode.COUNT):
        network = one_neuron(deferred(code, 3, column(4), column(-12), lowest=-3), bits=1)
        trains[code] = simulate(network, np.zeros((1, 1), dtype=np.uint8)).layers["hidden1"].spikes[:, 0, 0].tolist()
    assert trains == {WireCode.UNARY: [-1, -1, -1], WireCode.BITS: [-1, -1], WireCode.COUNT: [-3]}


@pytest.mark.parametrize("count", range(65))
def test_division_with_halving_multiples_is_a_clipped_floor_division(count: int) -> None:
    multiples = halving_multiples(count)
    assert len(multiples) == count.bit_length()
    for potential in range(-3, 3 * count + 9):
        level, rest = 0, potential
        for multiple in multiples:
            if rest >= 3 * multiple:
                level, rest = level + multiple, rest - 3 * multiple
        assert level == min(max(potential // 3, 0), count)
        assert rest == potential - 3 * level


def test_a_leaky_neuron_spikes_negatively_beyond_its_own_threshold() -> None:
    """V after each bias of −50 with Θ⁻ = 100: −50, −100 (not below −100), −150 → −50 and a negative spike, −100."""
    leaky = causal(4, 4, column(1), column(0), column(-50), -4, (-1, 1), column(100))
    network = chain(Encoder((1,), 1, InputCode.DIRECT), [np.array([[1]]), np.array([[1]])], [leaky, readout(column(0))])
    result = simulate(network, np.zeros((1, 1), dtype=np.uint8))
    assert result.layers["hidden1"].spikes[:, 0, 0].tolist() == [0, 0, -1, 0]
    assert result.layers["hidden1"].potentials.tolist() == [[-100]]
    counts = count_operations(network, result).layers["hidden1"]
    assert (counts.compares, counts.resets, counts.events, counts.spikes) == (8, 1, 1, 1)


def test_a_causal_neuron_that_sends_several_spikes_keeps_what_is_left() -> None:
    """Θ = 4, spikes −2..2, V0 = 2, charges 6, 6, −12: 2 leaves 0, then 1 leaves 2, then −2 leaves −2 of −10."""
    network, pixels = charged((6, 6, -12), NeuronMode.CAUSAL)
    neuron = causal(2, 3, column(4), column(2), column(0), -2, (-2, 2))
    layers = tuple(replace(layer, neuron=neuron) if layer.name == "hidden2" else layer for layer in network.layers)
    result = simulate(verify_network(with_proved_widths(replace(network, layers=layers))), pixels)
    assert result.layers["hidden2"].spikes[:, 0, 0].tolist() == [2, 1, -2]
    assert result.layers["hidden2"].potentials.tolist() == [[-2]]


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
