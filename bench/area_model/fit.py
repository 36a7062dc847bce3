"""Coefficients that fit measured cores, and how far they are off for cores that were left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from bench.area_model.cases import case_of
from bench.area_model.measure import Points
from rtl.charges import charges_of
from rtl.cost.area import BLOCKS, amounts_of
from rtl.cost.parts import Part, parts_of
from rtl.estimate.parts import FAMILIES

CoreParts = Mapping[str, Mapping[str, Part]]
"""Parts by the name of the core."""
Float64 = npt.NDArray[np.float64]
_PULL = 0.35
"""How strongly a coefficient is held to where it begins, beside one core."""
_PULL_OF_THE_RARE = 3.0
"""Times as strongly where next to no core has the amount, so that it stays plausible."""
_PULL_TO_ANOTHER_FAMILY = 8.0
"""The same of a family that begins at a multiple of another one's coefficients: few cores say how they differ."""
_BEGINNINGS = {
    "encoder": 60, "sequencers": 40, "readout sequencers": 30, "result stream": 80, "maps": 80, "serializers": 30,
    "window walks": 50, "level senders": 40, "unrolled layers": 10, "packet": 50, "stages": 2, "larger counters": 2.5,
    "full adders": 1.5, "lane bits": 1.1, "lane bits that double": 0, "lane bits of groups": 1.8, "lane bits with a carry": 0.8,
    "lane bits with direct charge": 1.5, "bits compared with constants": 0.2, "splitter lanes": 0.4, "encoder unary levels": 0.3,
    "patterns of pixels in registers": 0.3, "fifo pointer bits": 4, "tables used as memory": 1, "tables of constants": 0.8,
    "tables of coordinates": 0.3, "bits of constants": 0.1, "bits of coordinates": 0.3,
    "packet score bits": 2.2, "bits of stages": 0.05, "adder bits": 1, "accumulator bits": 1, "bits of planes sent": 1,
    "level banks": 15, "score bits that move": 1, "bank bits": 1, "bank bits of two buffers": 2,
}  # fmt: skip
"""Tables of six inputs that a look at the Verilog suggests; whatever is not listed begins in the middle of none and one."""
_ELSE = 0.5


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients of one figure of one family.

    Attributes:
        coefficients: by amount.
        errors: (points,) predicted / measured − 1, of the cores that it was fitted to.
        left_out: (points,) the same, of each core with coefficients that were fitted to all others.
    """

    coefficients: dict[str, float]
    errors: Float64
    left_out: Float64

    def as_dict(self) -> dict[str, Any]:
        """Errors in words that a reader expects, for JSON."""
        return {"fitted": _errors(self.errors), "left_out": _errors(self.left_out)}


def _errors(errors: Float64) -> dict[str, Any]:
    size = np.abs(errors)
    return {
        "points": len(size),
        "median": round(float(np.median(size)), 4),
        "worst": round(float(size.max()), 4),
        "within_20_percent": int((size <= 0.2).sum()),
    }


def parts_of_cases(names: Sequence[str]) -> dict[str, dict[str, Part]]:
    """Parts of the cores by their names; building the sums of the unrolled ones takes most of the time."""
    found = {}
    for name in names:
        case = case_of(name)
        plan = case.plan()
        found[name] = parts_of(plan, charges_of(case.network, plan))
    return found


def fit_family(points: Points, parts: CoreParts, family: str, like: Sequence[Mapping[str, float]] = ()) -> list[Fit]:
    """Fit tables and flip-flops of a family; its block memories are known.

    Args:
        points: measured figures.
        parts: of the cores.
        family: which has been measured for some of the cores.
        like: coefficients of the same figures on a family that more cores were measured on, where the fit begins at a multiple.
    """
    names = [name for name in parts if family in points[name]]
    amounts = [_amounts(parts[name], family) for name in names]
    known = sorted(
        {amount for of_core in amounts for amount in of_core} - {"block memories"} | {key for of in like for key in of}
    )
    table = np.array([[of_core.get(name, 0.0) for name in known] for of_core in amounts])
    fits = []
    for place, figure in enumerate(fitted_figures(family)):
        measured = np.array([points[name][family][figure] for name in names], dtype=np.float64)
        begun = np.array([_BEGINNINGS.get(name, _ELSE) for name in known], dtype=np.float64)
        if like:
            elsewhere = np.array([like[place].get(name, 0.0) for name in known])
            begun = elsewhere * np.median(measured / (table @ elsewhere))
        fits.append(_fit(table, measured, known, begun, _PULL_TO_ANOTHER_FAMILY if like else _PULL))
    return fits


def fitted_figures(family: str) -> list[str]:
    """Figures of a family that are fitted: tables, then flip-flops."""
    return [figure for figure in FAMILIES[family].names if figure != BLOCKS[family]]


def _amounts(parts: Mapping[str, Part], family: str) -> dict[str, float]:
    whole: dict[str, float] = {}
    for part in parts.values():
        for name, amount in amounts_of(part, family).items():
            whole[name] = whole.get(name, 0.0) + amount
    return whole


def _fit(table: Float64, measured: Float64, names: Sequence[str], begun: Float64, strength: float) -> Fit:
    solved = _solve(table, measured, begun, strength)
    left_out = np.empty(len(measured))
    for place in range(len(measured)):
        others = np.arange(len(measured)) != place
        left_out[place] = table[place] @ _solve(table[others], measured[others], begun, strength) / measured[place] - 1
    coefficients = {name: round(float(value), 4) for name, value in zip(names, solved, strict=True) if value > 0}
    return Fit(coefficients, table @ solved / measured - 1, left_out)


def _solve(table: Float64, measured: Float64, begun: Float64, strength: float) -> Float64:
    """None below zero; relative errors, and each coefficient's distance from its beginning in units of what it adds to a core."""
    relative = table / measured[:, None]
    rare = 1 + (_PULL_OF_THE_RARE - 1) * (relative == 0).mean(axis=0)
    # An amount that no core of this selection has is held all the same.
    pull = strength * rare * np.maximum(relative.max(axis=0), 1e-6)
    solved, _ = nnls(np.vstack([relative, np.diag(pull)]), np.concatenate([np.ones(len(measured)), pull * begun]))
    return np.asarray(solved)


def errors_by_name(points: Points, parts: CoreParts, family: str, fit: Fit) -> list[tuple[str, float]]:
    """Errors of the cores that were left out, the worst first."""
    names = [name for name in parts if family in points[name]]
    return sorted(zip(names, fit.left_out.tolist(), strict=True), key=lambda pair: -abs(pair[1]))
