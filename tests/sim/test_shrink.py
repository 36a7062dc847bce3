"""Shrinking: smaller cases that still fail, within a budget."""

from __future__ import annotations

import pytest

from model.integer_network import WireCode, verify_network
from sim.random_networks import RandomCase, random_case
from sim.shrink import candidates, shrink, size


@pytest.mark.parametrize("seed", range(8))
def test_every_candidate_is_valid_and_smaller(seed: int) -> None:
    case = random_case(seed)
    tried = 0
    for candidate in candidates(case):
        verify_network(candidate.network)
        assert size(candidate) < size(case)
        assert candidate.pixels.shape[1] == candidate.network.encoder.channels
        assert len(candidate.lanes) == len(candidate.network.layers)
        assert all(
            1 <= lanes <= layer.neuron.channels for lanes, layer in zip(candidate.lanes, candidate.network.layers, strict=True)
        )
        tried += 1
    assert tried > 0


def test_what_always_fails_becomes_tiny() -> None:
    small = shrink(random_case(6), lambda _: True, budget=1000)
    assert len(small.network.layers) == 1
    assert small.network.encoder.channels == 1
    assert small.network.readout.neuron.channels == 1
    assert len(small.pixels) == 1


def has_bits_in_two_neurons(case: RandomCase) -> bool:
    return any(layer.neuron.code is WireCode.BITS and layer.neuron.channels >= 2 for layer in case.network.hidden)


def test_the_cause_of_the_failure_is_kept() -> None:
    cases = (random_case(seed) for seed in range(0, 100, 2))
    case = next(case for case in cases if has_bits_in_two_neurons(case) and len(case.lanes) == 4)
    small = shrink(case, has_bits_in_two_neurons, budget=1000)
    assert has_bits_in_two_neurons(small)
    assert len(small.network.layers) == 2
    assert small.network.layers[0].neuron.channels == 2
    assert small.network.layers[0].neuron.levels == 1


def test_the_budget_is_kept() -> None:
    tried: list[RandomCase] = []

    def fails(case: RandomCase) -> bool:
        tried.append(case)
        return True

    shrink(random_case(6), fails, budget=5)
    assert len(tried) == 5
