"""The front is exact: nothing on it is dominated, and whatever is not on it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.explore.front import Costs, dominates, pareto_front

# Few values, so that equal figures and equal designs are common.
VALUES = st.integers(-2, 3).map(float) | st.floats(-1, 1, width=16)
COSTS = st.lists(st.tuples(VALUES, VALUES, VALUES, VALUES), max_size=14)


def better(one: Costs, other: Costs) -> bool:
    """Written down once more, from the definition."""
    pairs = list(zip(one, other, strict=True))
    return not any(mine > theirs for mine, theirs in pairs) and any(mine < theirs for mine, theirs in pairs)


@given(COSTS)
def test_on_the_front_is_exactly_what_nothing_dominates(costs: list[Costs]) -> None:
    expected = [not any(better(other, own) for other in costs) for own in costs]
    assert pareto_front(costs) == expected


@given(COSTS)
def test_every_design_off_the_front_is_dominated_by_one_on_it(costs: list[Costs]) -> None:
    kept = pareto_front(costs)
    front = [own for own, on in zip(costs, kept, strict=True) if on]
    assert bool(front) == bool(costs)
    assert all(on or any(better(other, own) for other in front) for own, on in zip(costs, kept, strict=True))


@given(st.permutations(range(6)), st.lists(st.tuples(VALUES, VALUES, VALUES, VALUES), min_size=6, max_size=6))
def test_the_order_of_designs_does_not_matter(order: list[int], costs: list[Costs]) -> None:
    kept = pareto_front(costs)
    assert pareto_front([costs[at] for at in order]) == [kept[at] for at in order]


@given(st.tuples(VALUES, VALUES), st.tuples(VALUES, VALUES))
def test_dominance_is_that_of_the_definition(one: Costs, other: Costs) -> None:
    assert dominates(one, other) == better(one, other)
    assert not (dominates(one, other) and dominates(other, one))


def test_equal_designs_are_on_the_front_together() -> None:
    assert pareto_front([(1.0, 2.0), (1.0, 2.0), (2.0, 2.0), (0.0, 3.0)]) == [True, True, False, True]
