"""Wire codes by cost: the predicted figures are the golden ones, and each code wins where it should."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.conversion.choose_codes import CANDIDATES, choose_codes, code_costs, levels_sent, with_code
from model.golden import input_levels, simulate
from model.golden.counts import NetworkCounts, count_operations
from model.integer_network import (
    Encoder,
    InputCode,
    Network,
    NeuronMode,
    WireCode,
    verify_network,
    with_proved_widths,
)
from tests.model.networks import chain, column, deferred, networks, readout, some_pixels, tiny_causal_network

BY_CODE = ("compares", "resets", "accumulates", "doublings")


def recoded(network: Network, index: int, code: WireCode) -> Network:
    """The same network with another code in one layer."""
    layers = list(network.layers)
    layers[index] = replace(layers[index], neuron=with_code(layers[index].neuron, code))
    return verify_network(with_proved_widths(replace(network, layers=tuple(layers))))


def operations(counts: NetworkCounts) -> int:
    return sum(counts.total(field) for field in BY_CODE)


@settings(max_examples=50)
@given(networks(NeuronMode.DEFERRED), st.integers(0, 1000), st.data())
def test_operations_are_those_that_the_golden_simulator_counts(network: Network, seed: int, data: st.DataObject) -> None:
    assume(network.hidden)
    index = data.draw(st.integers(0, len(network.hidden) - 1))
    pixels = some_pixels(network, 5, seed)
    layer = network.layers[index]
    costs = code_costs(network, layer, levels_sent(network, input_levels(pixels, network.encoder))[layer.name])
    counted = {}
    for code in CANDIDATES:
        other = recoded(network, index, code)
        counted[code] = operations(count_operations(other, simulate(other, pixels)))
    for code in CANDIDATES[1:]:
        difference = costs[code].operations - costs[CANDIDATES[0]].operations
        assert difference == counted[code] - counted[CANDIDATES[0]]


@settings(max_examples=50)
@given(networks(NeuronMode.DEFERRED), st.integers(0, 1000))
def test_passes_are_those_of_the_cycle_rule_with_one_lane_a_neuron(network: Network, seed: int) -> None:
    """Spikes and events from the golden simulator; passes of a frame from the plan of the core."""
    from rtl.core_plan import plan_core

    assume(network.hidden)
    pixels = some_pixels(network, 5, seed)
    sent = levels_sent(network, input_levels(pixels, network.encoder))
    result = simulate(network, pixels)
    counts = count_operations(network, result).layers
    for layer, receiver, plan in zip(network.hidden, network.layers[1:], plan_core(network).layers, strict=False):
        cost = code_costs(network, layer, sent[layer.name])[layer.neuron.code]
        passes = plan.fire_passes + int(plan.saturates) + plan.emission_passes + layer.neuron.time_steps
        moved = counts[layer.name].events + counts[receiver.name].input_spikes
        assert cost.passes == 5 * passes + moved


@settings(max_examples=50)
@given(networks(NeuronMode.DEFERRED), st.integers(0, 1000))
def test_the_choice_is_the_least_product_and_changes_no_score(network: Network, seed: int) -> None:
    pixels = some_pixels(network, 5, seed)
    sample = input_levels(pixels, network.encoder)
    chosen, choices = choose_codes(network, [True] * len(network.hidden), sample)
    assert [choice.layer for choice in choices] == [layer.name for layer in network.hidden]
    for choice, layer in zip(choices, chosen.hidden, strict=True):
        assert layer.neuron.code is choice.code
        assert choice.costs[choice.code].product == min(cost.product for cost in choice.costs.values())
    assert np.array_equal(simulate(chosen, pixels).scores, simulate(network, pixels).scores)


def sparse(levels: int, share: float) -> tuple[Network, np.ndarray]:
    """40 neurons that pass on one pixel each, most of them dark, into 30; and their input levels."""
    generator = np.random.default_rng(0)
    network = chain(
        Encoder((40,), 4, InputCode.BITS),
        [np.eye(40, dtype=int), generator.integers(-3, 4, (30, 40))],
        [deferred(WireCode.BITS, levels, column(*[1] * 40), column(*[0] * 40)), readout(column(*[0] * 30))],
    )
    inputs = generator.integers(0, levels + 1, (50, 40)) * (generator.random((50, 40)) < share)
    return network, inputs


@pytest.mark.parametrize(
    "levels, share, largest, winner",
    [
        # All of 15 levels are sent: 2 of 4 planes against 7.5 spikes.
        (15, 1.0, 15, WireCode.BITS),
        # Rare small levels of many: a packet has one marker instead of four and nothing to double.
        (15, 0.05, 2, WireCode.COUNT),
    ],
)
def test_each_code_wins_where_it_should(levels: int, share: float, largest: int, winner: WireCode) -> None:
    network, inputs = sparse(levels, share)
    chosen, choices = choose_codes(network, [True], np.minimum(inputs, largest))
    assert chosen.hidden[0].neuron.code is winner, choices[0].reason
    assert choices[0].automatic
    assert choices[0].reason.startswith(f"hidden1: {winner} (cheapest): {winner} ")
    assert set(choices[0].as_dict()["candidates"]) == {"bits", "unary", "count"}


def test_unary_beats_bits_where_planes_save_no_spike_but_never_a_packet() -> None:
    """Two levels of which only the first occurs: planes bring a doubling, and a compare that holds level 2."""
    network, inputs = sparse(2, 0.3)
    costs = choose_codes(network, [True], np.minimum(inputs, 1))[1][0].costs
    assert costs[WireCode.UNARY].operations < costs[WireCode.BITS].operations
    assert costs[WireCode.UNARY].passes < costs[WireCode.BITS].passes
    assert costs[WireCode.UNARY].product >= costs[WireCode.COUNT].product


@pytest.mark.parametrize(
    "bits, fitting",
    [
        (24, {WireCode.BITS, WireCode.UNARY, WireCode.COUNT}),
        (25, {WireCode.UNARY, WireCode.COUNT}),
        (26, {WireCode.UNARY}),
    ],
)
def test_unary_wins_where_the_others_compare_with_too_much(bits: int, fitting: set[WireCode]) -> None:
    """The compares of bit planes reach 64·Θ, of a division 32·Θ, and of a train Θ: 32 bits decide."""
    neuron = deferred(WireCode.UNARY, 64, column((1 << bits) + 1), column(0))
    network = chain(Encoder((1,), 8, InputCode.BITS), [np.array([[1]]), np.array([[1]])], [neuron, readout(column(0))])
    chosen, choices = choose_codes(network, [True], np.array([[255]]))
    assert set(choices[0].costs) == fitting
    assert chosen.hidden[0].neuron.code is (WireCode.UNARY if len(fitting) == 1 else WireCode.COUNT)


def test_levels_that_a_spike_holds_take_the_first_of_equal_codes() -> None:
    network, inputs = sparse(1, 0.5)
    _, choices = choose_codes(network, [True], inputs)
    costs = choices[0].costs
    assert costs[WireCode.BITS] == costs[WireCode.UNARY]
    assert choices[0].code is WireCode.BITS


def test_a_given_code_stays_and_its_rivals_are_reported() -> None:
    network, inputs = sparse(15, 1.0)
    given_network = recoded(network, 0, WireCode.UNARY)
    chosen, choices = choose_codes(given_network, [False], inputs)
    assert chosen.hidden[0].neuron.code is WireCode.UNARY
    report = choices[0].as_dict()
    assert (report["code"], report["automatic"], report["images"]) == ("unary", False, 50)
    assert report["reason"].startswith("hidden1: unary (given): unary ")
    figures = report["candidates"]
    assert figures["bits"]["operations"] < figures["unary"]["operations"]
    assert figures["bits"]["passes"] < figures["unary"]["passes"]


def test_causal_layers_have_no_choice() -> None:
    network = tiny_causal_network()
    chosen, choices = choose_codes(network, [True], np.array([[1, 2]]))
    assert choices == []
    assert chosen.hidden[0].neuron.code is WireCode.TRAIN
