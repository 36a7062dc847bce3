"""Expected counts of every frame add up to those of the golden simulator."""

from __future__ import annotations

import numpy as np
import pytest

from model.golden import count_operations, simulate
from rtl.core_plan import plan_core
from sim.expectation import expect, select
from sim.random_networks import random_case
from sim.records import COUNTER_FIELDS, NETWORK_FIELDS


@pytest.mark.parametrize("seed", range(20))
def test_counts_of_the_frames_add_up_to_the_network_counts(seed: int) -> None:
    case = random_case(seed)
    golden = simulate(case.network, case.pixels)
    expected = expect(case.network, golden, plan_core(case.network, list(case.lanes)))
    totals = count_operations(case.network, golden).layers
    for layer in expected.layers:
        for index, field in enumerate(NETWORK_FIELDS):
            assert int(layer.counts[:, index].sum()) == getattr(totals[layer.name], field), (layer.name, field)


def test_the_network_counts_come_first() -> None:
    assert COUNTER_FIELDS[: len(NETWORK_FIELDS)] == NETWORK_FIELDS
    assert len(COUNTER_FIELDS) == 15


def test_a_part_of_the_frames_expects_the_same_of_each() -> None:
    case = random_case(3)
    plan = plan_core(case.network, list(case.lanes))
    golden = simulate(case.network, case.pixels)
    whole, part = expect(case.network, golden, plan), expect(case.network, select(golden, slice(4, 9)), plan)
    assert part.frames == 5
    np.testing.assert_array_equal(part.scores, whole.scores[4:9])
    for one, other in zip(whole.layers, part.layers, strict=True):
        np.testing.assert_array_equal(one.counts[4:9], other.counts)
        np.testing.assert_array_equal(one.cycle_bound[4:9], other.cycle_bound)
    for link, cut in zip(whole.links, part.links, strict=True):
        np.testing.assert_array_equal(link.spikes[:, 4:9], cut.spikes)
