from __future__ import annotations

import pytest

from model.base.errors import UserError
from rtl.core_settings import CoreSettings
from rtl.cost.choice import Given, LayerChoice, candidates, describe, lanes_by_groups
from sim.random_maps import random_map_case
from tests.rtl.cost.networks import causal_network, small_network


@pytest.mark.parametrize("neurons", [1, 2, 7, 12, 100, 4097])
def test_every_number_of_lanes_gives_another_number_of_groups_and_none_is_wasted(neurons: int) -> None:
    lanes = lanes_by_groups(neurons)
    groups = [-(-neurons // number) for number in lanes]
    assert groups == sorted(set(groups), reverse=True)
    assert all(number == 1 or -(-neurons // (number - 1)) > count for number, count in zip(lanes, groups, strict=True))
    assert lanes[0] == 1
    assert lanes[-1] == (neurons if neurons <= 4096 else 2049)


def test_what_is_open_is_every_engine_number_of_lanes_and_code() -> None:
    first, second, readout = candidates(small_network(), Given.of(small_network()))
    assert {choice.engine for choice in first} == {"event", "unrolled"}
    assert {choice.lanes for choice in first if choice.engine == "event"} == {1, 2, 3, 4, 6, 12}
    assert {choice.code for choice in second} == {"bits", "unary", "count"}
    assert {choice.code for choice in readout} == {"none"}


def test_what_is_given_holds() -> None:
    network = small_network()
    given = Given.of(network, ["event", "unrolled", "auto"], [5, 5, 3], [False, True])
    first, second, readout = candidates(network, given)
    assert first == [LayerChoice("event", 5, "bits")]
    assert {(choice.engine, choice.lanes) for choice in second} == {("unrolled", 8)}
    assert {choice.code for choice in second} == {"bits", "unary", "count"}
    assert readout == [LayerChoice("event", 3, "none"), LayerChoice("unrolled", 4, "none")]
    assert describe(network, (first[0], second[0], readout[1])) == "hidden1 5 lanes bits, hidden2 unrolled bits, readout unrolled"


def test_whole_frames_leave_the_ends_no_choice() -> None:
    first, second, readout = candidates(small_network(), Given.of(small_network(), settings=CoreSettings(port="frame")))
    assert {choice.engine for choice in first} == {choice.engine for choice in readout} == {"unrolled"}
    assert {choice.engine for choice in second} == {"event", "unrolled"}


def test_causal_layers_have_one_engine_and_one_code() -> None:
    hidden, _ = candidates(causal_network(), Given.of(causal_network()))
    assert {(choice.engine, choice.code) for choice in hidden} == {("event", "train")}


def test_maps_have_the_lanes_that_their_banks_can_use() -> None:
    network = random_map_case(1, for_core=True).network
    for of_layer in candidates(network, Given.of(network)):
        assert len(of_layer) == len(set(of_layer)) > 0


def test_engine_that_was_asked_for_and_cannot_be_built_is_refused() -> None:
    with pytest.raises(UserError, match="layer hidden1 cannot be unrolled, since its neurons are causal"):
        candidates(causal_network(), Given.of(causal_network(), ["unrolled", "auto"]))


def test_engines_of_another_number_of_layers_are_refused() -> None:
    with pytest.raises(UserError, match=r"hardware.engine is \['auto'\]; it needs one engine for each of the 3 layers"):
        Given.of(small_network(), ["auto"])
