"""Shrinking: smaller cases that still fail, within a budget."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from model.integer_network import Layer, Neuron, WireCode, verify_network
from rtl.core_plan import plan_core
from sim.random_cases import case_of_name, named_cases
from sim.random_maps import MAPS, random_map_case
from sim.random_networks import DENSE, Kind, RandomCase, random_case
from sim.shrink import candidates, shrink, size


@pytest.mark.parametrize("name", named_cases(DENSE, 0, 20) + named_cases(MAPS, 0, 10))
def test_every_candidate_is_valid_and_smaller(name: str) -> None:
    case = case_of_name(name)
    tried = 0
    for candidate in candidates(case):
        verify_network(candidate.network)
        assert size(candidate) < size(case)
        assert candidate.pixels.shape[1] == candidate.network.encoder.neurons
        assert len(candidate.lanes) == len(candidate.network.layers)
        plan_core(candidate.network, candidate.lanes)
        if name.startswith(DENSE):
            layers = candidate.network.layers
            assert all(1 <= lanes <= layer.neuron.neurons for lanes, layer in zip(candidate.lanes, layers, strict=True))
        tried += 1
    assert tried > 0


@pytest.mark.parametrize("kind", Kind)
def test_what_always_fails_becomes_tiny(kind: Kind) -> None:
    small = shrink(random_case(6, kind=kind), lambda _: True, budget=1000)
    assert len(small.network.layers) == 1
    assert small.network.encoder.neurons == 1
    assert small.network.readout.neuron.neurons == 1
    assert len(small.pixels) == 1


@pytest.mark.parametrize("kind", Kind)
def test_what_always_fails_becomes_tiny_whatever_its_maps(kind: Kind) -> None:
    small = shrink(random_map_case(6, kind=kind, for_core=True), lambda _: True, budget=1000)
    assert len(small.network.layers) == small.network.encoder.neurons == small.network.readout.neuron.neurons == 1


MAP_PARTS: dict[str, Callable[[Layer], bool]] = {
    "two sources": lambda layer: len(layer.synapses) == 2,
    "max pooling": lambda layer: layer.max_pooling is not None,
    "average pooling": lambda layer: layer.synapses[0].pooling != (1, 1),
    "stride": lambda layer: max(layer.synapses[0].stride) > 1,
    "padding": lambda layer: max(layer.synapses[0].padding) > 0,
    "groups": lambda layer: layer.synapses[0].groups > 1,
}


@pytest.mark.parametrize("part", MAP_PARTS)
def test_the_part_of_a_map_that_fails_is_kept_and_the_rest_becomes_small(part: str) -> None:
    def has(case: RandomCase) -> bool:
        return any(MAP_PARTS[part](layer) for layer in case.network.hidden)

    case = next(case for case in (random_map_case(seed, for_core=True) for seed in range(100)) if has(case))
    small = shrink(case, has, budget=1000)
    assert has(small)
    # Groups need channels: those of an image of one are given by a layer before.
    assert len(small.network.layers) <= 3
    assert small.network.neurons <= 6
    assert len(small.pixels) == 1


def has_bits_in_two_neurons(case: RandomCase) -> bool:
    return any(layer.neuron.code is WireCode.BITS and layer.neuron.neurons >= 2 for layer in case.network.hidden)


def test_the_cause_of_the_failure_is_kept() -> None:
    cases = (random_case(seed, kind=Kind.PASCAL) for seed in range(100))
    case = next(case for case in cases if has_bits_in_two_neurons(case) and len(case.lanes) == 4)
    small = shrink(case, has_bits_in_two_neurons, budget=1000)
    assert has_bits_in_two_neurons(small)
    assert len(small.network.layers) == 2
    assert small.network.layers[0].neuron.neurons == 2
    assert small.network.layers[0].neuron.levels == 1


NEURONS: dict[str, tuple[Kind, Callable[[Neuron], bool]]] = {
    "signed packet": (Kind.SIGNED, lambda neuron: neuron.code is WireCode.COUNT and neuron.lowest < 0),
    "leaky": (Kind.LEAKY, lambda neuron: neuron.is_leaky),
    "multi-spike": (Kind.MULTI_SPIKE, lambda neuron: neuron.largest_spike > 1),
    "negative multi-spike": (Kind.MULTI_SPIKE, lambda neuron: neuron.lowest_spike < -1),
}


@pytest.mark.parametrize("name", NEURONS)
def test_the_kind_of_the_neuron_that_fails_is_kept_and_its_range_becomes_small(name: str) -> None:
    kind, fails = NEURONS[name]

    def has(case: RandomCase) -> bool:
        return any(fails(layer.neuron) for layer in case.network.hidden)

    case = next(case for case in (random_case(seed, kind=kind) for seed in range(100)) if has(case))
    small = shrink(case, has, budget=1000)
    assert has(small)
    assert small.network.neurons == len(small.network.layers) == 2
    low, high = small.network.layers[0].neuron.decision_range
    assert high - low <= 3
    assert small.network.layers[0].neuron.time_steps == 1


def test_the_budget_is_kept() -> None:
    tried: list[RandomCase] = []

    def fails(case: RandomCase) -> bool:
        tried.append(case)
        return True

    shrink(random_case(6), fails, budget=5)
    assert len(tried) == 5
