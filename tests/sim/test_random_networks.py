"""Random cases: repeatable, valid, and together covering the corners."""

from __future__ import annotations

import numpy as np
import pytest

from model.golden import simulate
from model.integer_network import InputCode, Neuron, NeuronMode, WireCode, network_text
from rtl.core_plan import plan_core
from sim.random_networks import Kind, kind_of, random_case

CASES = [random_case(seed) for seed in range(120)]
NEURONS = [layer.neuron for case in CASES for layer in case.network.hidden]
CAUSAL = [neuron for neuron in NEURONS if neuron.mode is NeuronMode.CAUSAL]
DEFERRED = [neuron for neuron in NEURONS if neuron.mode is NeuronMode.DEFERRED]


def test_a_seed_says_everything_about_a_case() -> None:
    one, other = random_case(11), random_case(11)
    assert network_text(one.network) == network_text(other.network)
    assert one.lanes == other.lanes
    np.testing.assert_array_equal(one.pixels, other.pixels)


def test_every_kind_occurs_in_any_twenty_seeds_and_even_ones_are_deferred() -> None:
    for first in range(30):
        assert {kind_of(seed) for seed in range(first, first + 20)} == set(Kind)
    assert all(neuron.mode is not NeuronMode.CAUSAL for case in CASES[::2] for neuron in neurons_of(case.seed))
    assert all(neuron.mode is NeuronMode.CAUSAL for case in CASES[1::2] for neuron in neurons_of(case.seed))


def neurons_of(seed: int) -> list[Neuron]:
    return [layer.neuron for layer in CASES[seed].network.hidden]


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_can_be_asked_for(kind: Kind) -> None:
    for seed in range(4):
        assert network_text(random_case(seed, kind=kind).network) == network_text(random_case(seed, kind=str(kind)).network)
        signed = any(layer.neuron.is_signed for layer in random_case(seed, kind=kind).network.hidden)
        assert not signed or kind in (Kind.SIGNED, Kind.LEAKY, Kind.MULTI_SPIKE)


def test_all_input_codes_bits_and_depths_occur() -> None:
    assert {case.network.encoder.code for case in CASES} == set(InputCode)
    assert {case.network.encoder.bits for case in CASES} == set(range(1, 9))
    assert {len(case.network.layers) for case in CASES} == {1, 2, 3, 4}
    assert {case.network.method for case in CASES} == {"pascal", "opi", "qcfs", "dual-phase", "pmsm"}


def test_all_level_counts_and_mixed_codes_occur() -> None:
    assert set(range(1, 16)) <= {neuron.levels for neuron in DEFERRED}
    assert max(neuron.levels for neuron in DEFERRED) > 60
    codes = [{layer.neuron.code for layer in case.network.hidden} for case in CASES]
    for one, other in ((WireCode.BITS, WireCode.UNARY), (WireCode.BITS, WireCode.COUNT), (WireCode.UNARY, WireCode.COUNT)):
        assert any({one, other} <= used for used in codes)


@pytest.mark.parametrize("code", [WireCode.UNARY, WireCode.BITS, WireCode.COUNT])
def test_every_code_carries_signed_and_unsigned_levels(code: WireCode) -> None:
    neurons = [neuron for neuron in DEFERRED if neuron.code is code]
    lowest = {np.sign(neuron.levels + neuron.lowest) for neuron in neurons if neuron.lowest < 0}
    assert lowest == {-1, 0, 1}
    assert any(neuron.lowest == 0 for neuron in neurons)


def test_time_steps_starts_and_spikes_of_causal_layers_vary() -> None:
    steps = {neuron.time_steps for neuron in CAUSAL}
    assert {1, 2, 3} <= steps
    assert max(steps) > 48
    assert any((neuron.offset == 0).all() and neuron.largest_spike == 1 for neuron in CAUSAL)
    assert any((neuron.offset < 0).any() and (neuron.offset > neuron.threshold).any() for neuron in CAUSAL)
    ranges = {neuron.decision_range for neuron in CAUSAL}
    assert {(0, 1), (-1, 1)} <= ranges
    assert any(low == 0 and high > 1 for low, high in ranges)
    assert any(-low > high > 1 for low, high in ranges)
    assert any(high > -low > 1 for low, high in ranges)
    assert any(neuron.is_leaky for neuron in CAUSAL)
    assert any(neuron.spikes_for_levels not in ((1, 1), (1, neuron.levels)) for neuron in CAUSAL)


def test_layers_of_every_kind_send_whole_time_steps() -> None:
    plans = [plan_core(case.network, case.lanes, case.engines, case.settings) for case in CASES]
    senders = [layer for plan in plans for layer in plan.layers if layer.unrolled is None and plan.sends_planes(layer)]
    assert {layer.code for layer in senders} == {"bits", "unary", "count", "train"}
    for several in (False, True):
        some = [layer for layer in senders if (layer.groups > 1) == several]
        assert {layer.signed_out for layer in some} == {layer.magnitude_out_bits > 1 for layer in some} == {False, True}
        assert {layer.engine for layer in some} == {"event", "direct"}


def test_corners_of_the_sizes_occur() -> None:
    layers = [(lanes, layer) for case in CASES for lanes, layer in zip(case.lanes, case.network.layers, strict=True)]
    assert any(layer.neuron.neurons == 1 for _, layer in layers)
    assert any(layer.neuron.neurons % lanes for lanes, layer in layers)
    assert any((layer.synapses[0].weights == 0).all(axis=1).any() for _, layer in layers)
    assert any(case.network.encoder.neurons % 8 for case in CASES)
    assert all(1 <= lanes <= layer.neuron.neurons for lanes, layer in layers)


def test_most_networks_spike_and_do_not_spike() -> None:
    rates, negative, greatest = [], [], []
    for case in CASES[:60]:
        result = simulate(case.network, case.pixels)
        for layer in case.network.hidden:
            spikes = result.layers[layer.name].spikes
            rates.append(float((spikes != 0).mean()))
            if layer.neuron.is_signed:
                negative.append(bool((spikes < 0).any()))
            if layer.neuron.wire_range[1] > 1:
                greatest.append(int(spikes.max()))
    assert np.mean([0.02 < rate < 0.98 for rate in rates]) > 0.7
    assert np.mean(negative) > 0.7
    assert np.mean([value > 1 for value in greatest]) > 0.7
