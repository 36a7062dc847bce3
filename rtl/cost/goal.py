"""What a target wants of a cost: how far it is missed, and which of two costs that meet it is better."""

from __future__ import annotations

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
        return f"the fewest cycles are {_shown(cost.latency)}: ask for cycles={_shown(cost.latency)} or more"
    if target.kind == "luts":
        least = -int(-cost.lut // 1)
        return f"the smallest core takes {least:,} LUT: ask for luts={least} or more"
    family, figures = FAMILIES[target.family], {name: round(value, 1) for name, value in cost.figures[target.family].items()}
    missing = part_of(target).missing(figures, family.names)
    smallest = family.smallest(figures)["part"]
    larger = f"ask for device={smallest}" if smallest else f"no {family.title} is large enough: take a smaller network"
    return f"the nearest core needs {missing}: {larger}"


def _shown(cycles: float) -> str:
    """Cycles that a target can name: no fewer than a median of two frames."""
    return str(-int(-cycles // 1))
