"""Random cases: repeatable, valid, and together covering the corners."""

from __future__ import annotations

import numpy as np

from model.golden import simulate
from model.integer_network import InputCode, WireCode, network_text
from sim.random_networks import random_case

CASES = [random_case(seed) for seed in range(120)]


def test_a_seed_says_everything_about_a_case() -> None:
    one, other = random_case(11), random_case(11)
    assert network_text(one.network) == network_text(other.network)
    assert one.lanes == other.lanes
    np.testing.assert_array_equal(one.pixels, other.pixels)


def test_all_input_codes_bits_and_depths_occur() -> None:
    assert {case.network.encoder.code for case in CASES} == set(InputCode)
    assert {case.network.encoder.bits for case in CASES} == set(range(1, 9))
    assert {len(case.network.layers) for case in CASES} == {1, 2, 3, 4}
    assert {case.network.method for case in CASES} == {"pascal", "opi"}


def test_all_level_counts_and_mixed_codes_occur() -> None:
    assert {layer.neuron.levels for case in CASES for layer in case.network.hidden} == set(range(1, 16))
    codes = [{layer.neuron.code for layer in case.network.hidden} for case in CASES]
    assert any({WireCode.BITS, WireCode.UNARY} <= used for used in codes)


def test_corners_of_the_sizes_occur() -> None:
    layers = [(lanes, layer) for case in CASES for lanes, layer in zip(case.lanes, case.network.layers, strict=True)]
    assert any(layer.neuron.channels == 1 for _, layer in layers)
    assert any(layer.neuron.channels % lanes for lanes, layer in layers)
    assert any((layer.synapses[0].weights == 0).all(axis=1).any() for _, layer in layers)
    assert any(case.network.encoder.channels % 8 for case in CASES)
    assert all(1 <= lanes <= layer.neuron.channels for lanes, layer in layers)


def test_most_networks_spike_and_do_not_spike() -> None:
    rates = []
    for case in CASES[:40]:
        result = simulate(case.network, case.pixels)
        rates += [float(result.layers[layer.name].spikes.mean()) for layer in case.network.hidden]
    assert np.mean([0.02 < rate < 0.98 for rate in rates]) > 0.7
