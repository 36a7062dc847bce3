"""Checks: each says how much it compared, how much differed, and what differed first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from model.compare import Comparer, Comparison, Difference, Values


class Group(StrEnum):
    """Which verdict a check belongs to."""

    VALUES = "rtl_vs_golden"
    COUNTERS = "counters_rtl_vs_golden"
    CONDUCT = "conduct"
    NETLIST = "netlist_vs_golden"


@dataclass(frozen=True)
class Check:
    """One line of the verdict.

    Attributes:
        name: unique within a simulation.
        group: the verdict that it belongs to.
        layer: the layer that it is about, or "".
        frames: frames looked at.
        values: values compared; a check that compared nothing has failed.
        mismatches: values that differ.
        first: the first difference of values.
        remark: what is wrong, where it is no difference of values.
        image: the image that shows it.
        run: the run that showed it, or "".
    """

    name: str
    group: Group
    layer: str
    frames: int
    values: int
    mismatches: int
    first: Difference | None = None
    remark: str = ""
    image: int | None = None
    run: str = ""

    @property
    def passed(self) -> bool:
        """True where something was compared and nothing differed."""
        return self.values > 0 and self.mismatches == 0

    @property
    def detail(self) -> str:
        """One line: what was compared, or what is wrong."""
        if self.values == 0:
            return self.remark or "nothing was compared"
        if self.group is Group.CONDUCT and self.passed:
            return f"{self.values:,} cases, none wrong"
        if self.group is Group.CONDUCT:
            return f"{self.mismatches:,} of {self.values:,} cases: {self.remark}"
        if self.passed:
            return f"{self.values:,} values of {self.frames:,} frames equal"
        return f"{self.mismatches:,} of {self.values:,} values differ, first {self.first}"

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def load_check(values: dict[str, Any]) -> Check:
    """Read what ``Check.as_dict`` gave."""
    first = None if values["first"] is None else Difference(**values["first"])
    return Check(**values | {"group": Group(values["group"]), "first": first})


def equal_arrays(
    name: str, group: Group, layer: str, pairs: Sequence[tuple[str, Values, Values]], *, image_of: Values, run: str = ""
) -> Check:
    """Compare pairs of arrays, (frames, …) or (time steps, frames, …).

    Args:
        name: of the check.
        group: its verdict.
        layer: that it is about.
        pairs: (label in the message, expected, got).
        image_of: (frames,) number of the image of each frame.
        run: that is looked at.
    """
    comparer = Comparer("netlist" if group is Group.NETLIST else "rtl")
    for label, expected, got in pairs:
        comparer.add(label, expected, got)
    result = comparer.result()
    first = result.first
    if first is not None:
        first = Difference(**asdict(first) | {"image": int(image_of[first.image])})
    image = None if first is None else first.image
    return Check(name, group, layer, result.frames, result.values, result.mismatches, first, image=image, run=run)


def merge_checks(checks: Iterable[Check]) -> list[Check]:
    """Join checks of one name from several processes: sums, and the difference of the lowest image."""
    merged: dict[str, Check] = {}
    for check in checks:
        merged[check.name] = _joined(merged[check.name], check) if check.name in merged else check
    return list(merged.values())


def _joined(one: Check, other: Check) -> Check:
    failed = [check for check in (one, other) if not check.passed]
    shown = min(failed, key=lambda check: check.image if check.image is not None else -1) if failed else one
    # A process that compared nothing must not hide behind one that did.
    empty = one.values == 0 or other.values == 0
    return Check(
        name=one.name,
        group=one.group,
        layer=one.layer,
        frames=one.frames + other.frames,
        values=0 if empty else one.values + other.values,
        mismatches=one.mismatches + other.mismatches,
        first=shown.first,
        remark=shown.remark,
        image=shown.image,
        run=shown.run,
    )


def verdict(checks: Sequence[Check], group: Group) -> Comparison:
    """All checks of a group as one comparison; ``frames`` are those of the check with the most.

    A failed check without a mismatching value, because it compared nothing, counts as one mismatch.
    """
    members = [check for check in checks if check.group is group]
    by_layer: dict[str, int] = {}
    for check in members:
        mismatches = check.mismatches if check.values else max(check.mismatches, 1)
        by_layer[check.layer] = by_layer.get(check.layer, 0) + mismatches
    differing = [check for check in members if check.first is not None]
    # Layers come in topological order; the earliest layer that differs is where to look.
    order = list(by_layer)
    first = min(differing, key=lambda check: (check.image or 0, order.index(check.layer))).first if differing else None
    return Comparison(
        stage=str(group),
        frames=max((check.frames for check in members), default=0),
        values=sum(check.values for check in members),
        mismatches=sum(by_layer.values()),
        first=first,
        by_layer=by_layer,
    )
