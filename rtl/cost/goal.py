"""What a target wants of a cost: how far it is missed, and which of two costs that meet it is better."""

from __future__ import annotations

import math

from model.config.target import Target
from rtl.cost.model import Cost
from rtl.estimate.parts import FAMILIES, Part

Rank = tuple[float, float, float]


def missed_by(target: Target, cost: Cost) -> float:
    """0 where the target is met, else how far it is away."""
    if target.kind == "cycles":
        return max(0.0, cost.latency - target.number)
    if target.kind == "luts":
        return max(0.0, cost.lut - target.number)
    if target.kind == "device":
        figures = cost.figures[target.family]
        there = part_of(target).capacities
        # An iCE40 without block memories has none to be short of in parts.
        return sum(max(0.0, figures[figure] - has) / max(has, 1) for figure, has in there.items())
    return 0.0


def rank(target: Target, cost: Cost) -> Rank:
    """Less is better: first how far the target is missed, then what it leaves open, then what is left."""
    missed = missed_by(target, cost)
    if target.kind == "cycles":
        return missed, cost.lut, cost.latency
    if target.kind == "balanced":
        return missed, cost.lut * cost.latency, cost.latency
    return missed, cost.latency, cost.lut


def part_of(target: Target) -> Part:
    """The device that a target names."""
    return FAMILIES[target.family].part(target.device)


def families_of(target: Target) -> tuple[str, ...]:
    """Families whose figures a target needs, 7-series in any case."""
    return tuple(dict.fromkeys(("xc7", target.family)))


def way_out(target: Target, cost: Cost) -> str:
    """What the nearest cost says, and what to ask for instead, of a target that is missed."""
    if target.kind == "cycles":
        fewest = math.ceil(cost.latency)
        return f"the fewest cycles are {fewest}: ask for cycles={fewest} or more"
    if target.kind == "luts":
        least = math.ceil(cost.lut)
        return f"the smallest core takes {least:,} LUT: ask for luts={least} or more"
    family = FAMILIES[target.family]
    # Halves of a block memory are blocks of their own.
    figures = {name: math.ceil(value) for name, value in cost.figures[target.family].items()}
    missing = part_of(target).missing(figures, family.names)
    smallest = family.smallest(figures)["part"]
    larger = f"ask for device={smallest}" if smallest else f"no {family.title} is large enough: take a smaller network"
    return f"the nearest core needs {missing}: {larger}"
