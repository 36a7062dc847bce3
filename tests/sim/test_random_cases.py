"""Cases by name, and what the event engine can build of the networks of maps."""

from __future__ import annotations

import numpy as np
import pytest

from model.base.errors import UserError
from model.integer_network import network_text
from rtl.core_plan import plan_core
from sim.random_cases import case_of_name, named_cases
from sim.random_maps import MAPS, random_map_case
from sim.random_networks import DENSE, Kind, kind_of

CASES = [case_of_name(name) for name in named_cases(MAPS, 1000, 120)]
PLANS = [plan_core(case.network, case.lanes) for case in CASES]
MAPS_OF_PLANS = [layer.map for plan in PLANS for layer in plan.layers if layer.map is not None]
GROUPS = [group for case in CASES for layer in case.network.layers for group in layer.synapses]
LAYERS = [layer for case in CASES for layer in case.network.layers]


def test_a_name_says_everything_about_a_case() -> None:
    for made_of in (DENSE, MAPS):
        (name,) = named_cases(made_of, 7, 1)
        one, other = case_of_name(name), case_of_name(name)
        assert one.name == name
        assert network_text(one.network) == network_text(other.network)
        assert one.lanes == other.lanes
        np.testing.assert_array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("name", ["1042", "maps", "maps-", "maps-x", "lines-3", "maps--1", "maps-²"])
def test_another_name_is_a_mendable_error(name: str) -> None:
    message = f"{name!r} names no random network; write dense-SEED or maps-SEED, such as maps-1042"
    with pytest.raises(UserError) as caught:
        case_of_name(name)
    assert str(caught.value) == message


def test_networks_that_the_engine_refuses_are_drawn_again_for_it_alone() -> None:
    refused = 0
    for seed in range(1000, 1040):
        network = random_map_case(seed).network
        try:
            plan_core(network)
        except UserError:
            refused += 1
            assert network_text(random_map_case(seed, for_core=True).network) != network_text(network)
    assert refused > 0


def test_every_kind_of_neuron_occurs() -> None:
    assert {kind_of(case.seed) for case in CASES} == set(Kind)


def test_every_form_of_window_occurs() -> None:
    convolutions = [group for group in GROUPS if group.is_convolution]
    assert {max(group.stride) for group in convolutions} == {1, 2, 3}
    assert {max(group.padding) for group in convolutions} == {0, 1, 2, 3}
    assert any(1 < group.groups < len(group.weights) for group in convolutions)
    assert any(group.is_identity for group in convolutions)
    assert any(group.pooling != (1, 1) for group in GROUPS)
    assert sum(layer.max_pooling is not None for layer in LAYERS) > 20
    assert sum(len(layer.synapses) == 2 for layer in LAYERS) > 20


def test_maps_of_one_bank_of_a_row_and_of_a_window_occur() -> None:
    banks = {(built.banks.rows > 1, built.banks.columns > 1) for built in MAPS_OF_PLANS}
    assert banks == {(False, False), (False, True), (True, False), (True, True)}
    assert any(built.banks.groups > 1 for built in MAPS_OF_PLANS)
