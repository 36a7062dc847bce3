"""What marks and colours stand for, the same in every plot of an exploration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from pipeline.campaign.drawings import COLOURS
from pipeline.explore.table import Design

# Each is a variable of the page's style sheet, --shade-0 and so on: from the least accurate to the most.
SHADES = ("#d8b365", "#8fbf9a", "#3f9f97", "#1f6f93", "#27407d")
EVENT, UNROLLED, MIXED = "event", "unrolled", "both engines"
ENGINE_MARKS = {EVENT: "o", UNROLLED: "s", MIXED: "D"}
ENGINE_COLOURS = {EVENT: COLOURS[0], UNROLLED: COLOURS[1], MIXED: COLOURS[2]}
_ROUND = 1e-9


def engine_of(engines: Iterable[str]) -> str:
    """The engine of all layers, or that there are both."""
    found = set(engines)
    return found.pop() if len(found) == 1 else MIXED


def engine_of_design(design: Design) -> str:
    """The same from the axis."""
    value = design.axes["engine"]
    return engine_of([value] if isinstance(value, str) else value)


def bounds_of_shades(accuracies: Sequence[float]) -> list[float]:
    """Least accuracy of each shade and the greatest one of the last; as few shades as there are different accuracies."""
    low, high = min(accuracies), max(accuracies)
    count = min(len(SHADES), len(set(accuracies)))
    return [low + (high - low) * index / count for index in range(count + 1)]


def shade_of(accuracy: float, bounds: Sequence[float]) -> str:
    """The colour of an accuracy; of few shades the darkest."""
    shades = SHADES[-(len(bounds) - 1) :]
    place = next((at for at, (_, high) in enumerate(pairwise(bounds)) if accuracy < high - _ROUND), len(shades) - 1)
    return shades[place]
