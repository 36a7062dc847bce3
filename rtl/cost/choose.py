"""Folding: engine, lanes and wire code of every layer for a target, from predicted cycles and area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model.base.errors import UserError
from model.config.target import Target
from model.integer_network import Network
from rtl.charges import charges_of
from rtl.core_plan import CorePlan
from rtl.cost.area import PredictedArea, predict_area
from rtl.cost.choice import Choice, Given, as_dict, candidates, describe
from rtl.cost.goal import families_of, missed_by, rank, way_out
from rtl.cost.model import Cost, CostModel
from rtl.cost.search import search
from rtl.cycles import Cycles, predict_core_cycles

_ALTERNATIVES = 3


@dataclass(frozen=True, eq=False)
class Folding:
    """The choice for a target.

    Attributes:
        target: what was asked for.
        network: with the codes that were chosen.
        plan: the core.
        choice: of every layer.
        cost: its median latency on the sample and its figures.
        cycles: of every frame of the sample.
        area: predicted.
        alternatives: choices that are neither slower nor larger than any other, next to this one in tables.
        tried: number of choices that were looked at.
    """

    target: Target
    network: Network
    plan: CorePlan
    choice: Choice
    cost: Cost
    cycles: Cycles
    area: PredictedArea
    alternatives: tuple[tuple[Choice, Cost], ...]
    tried: int

    @property
    def reason(self) -> str:
        """The choice and why, in a line."""
        why = {
            "cycles": f"fewest LUT with at most {self.target.number:,} cycles",
            "luts": f"fewest cycles with at most {self.target.number:,} LUT",
            "device": f"fewest cycles that fit {self.target.device}",
            "balanced": "least LUT × cycles",
        }[self.target.kind]
        figures = f"{self.cost.latency:,g} cycles and {self.cost.lut:,.0f} LUT predicted"
        return f"{describe(self.network, self.choice)}: {why} of {self.tried:,} choices, {figures}"

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "target": str(self.target),
            "layers": as_dict(self.network, self.choice),
            "reason": self.reason,
            "sample": len(self.cycles.latency),
            "predicted": {
                "latency_cycles": _spread(self.cycles.latency),
                "interval_cycles": _spread(self.cycles.interval),
                "figures": self.cost.figures,
                "area": self.area.as_dict(),
            },
            "tried": self.tried,
            "alternatives": [
                {"layers": as_dict(self.network, choice), "latency_cycles": cost.latency, "lut": cost.lut}
                for choice, cost in self.alternatives
            ],
        }


def choose(network: Network, pixels: npt.NDArray[np.uint8], given: Given, target: Target) -> Folding:
    """Choose engine, lanes and wire code of every layer.

    Args:
        network: verified.
        pixels: (images, …), the sample whose median latency counts.
        given: what is not to be chosen.
        target: what to choose for.

    Raises:
        UserError: the target cannot be met, with the nearest choice; or nothing can be built of what is given.
    """
    model = CostModel(network, pixels, given, families_of(target))
    choice = search(model, candidates(network, given), lambda cost: rank(target, cost))
    if choice is None:
        raise UserError("hardware.target: no choice of wire codes has potentials of at most 32 bits; set hardware.target to off")
    cost = model.cost(choice)
    assert cost is not None
    if missed_by(target, cost):
        raise UserError(
            f"hardware.target is {target}, which no choice meets; {way_out(target, cost)}"
            f" ({describe(network, choice)}: {cost.latency:,g} cycles, {cost.lut:,.0f} LUT predicted)"
        )
    recoded, plan = model.recoded(choice), model.plan(choice)
    assert recoded is not None
    charges = charges_of(recoded, plan)
    stages = {name: cut.count for name, (_, cut) in charges.items()}
    cycles = predict_core_cycles(model.result(choice), plan, stages)
    area = predict_area(recoded, plan, charges)
    costs = {met: known for met, known in model.evaluated.items() if known is not None}
    return Folding(target, recoded, plan, choice, cost, cycles, area, _alternatives(costs, choice), len(costs))


def _alternatives(costs: dict[Choice, Cost], chosen: Choice) -> tuple[tuple[Choice, Cost], ...]:
    """Of the choices that none beats in both, those nearest in tables on either side."""
    front: list[tuple[Choice, Cost]] = []
    for choice, cost in sorted(costs.items(), key=lambda item: (item[1].lut, item[1].latency)):
        if not front or cost.latency < front[-1][1].latency:
            front.append((choice, cost))
    here = costs[chosen].lut
    others = [met for met in front if met[0] != chosen]
    smaller, larger = [met for met in others if met[1].lut < here], [met for met in others if met[1].lut >= here]
    return (*smaller[-_ALTERNATIVES:], *larger[:_ALTERNATIVES])


def _spread(cycles: npt.NDArray[np.int64]) -> dict[str, float] | None:
    """Least, median and most; None of no frame."""
    if not len(cycles):
        return None
    return {"min": int(cycles.min()), "median": float(np.median(cycles)), "max": int(cycles.max())}
