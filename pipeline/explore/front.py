"""The Pareto front, exactly: nothing is rounded and no two figures are weighed against each other."""

from __future__ import annotations

from collections.abc import Sequence

Costs = tuple[float, ...]
"""Figures of one design, each the better the smaller it is."""


def pareto_front(costs: Sequence[Costs]) -> list[bool]:
    """Whether each design is on the front: no other one is at least as good in everything and better in something.

    Designs with the same figures are on it together, or none of them is.
    """
    # In ascending order nothing is dominated by a later one, and what a dominated one dominates is dominated by one of the front.
    on_front: list[Costs] = []
    for own in sorted(set(costs)):
        if not any(dominates(other, own) for other in on_front):
            on_front.append(own)
    kept = set(on_front)
    return [own in kept for own in costs]


def dominates(one: Costs, other: Costs) -> bool:
    """Whether ``one`` is at least as good in everything and better in something."""
    return all(mine <= theirs for mine, theirs in zip(one, other, strict=True)) and one != other
