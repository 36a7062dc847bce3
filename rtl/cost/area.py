"""The area of a core predicted from its plan: amounts of its parts times coefficients that were fitted to measured cores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from model.base.errors import UserError
from model.base.files import read_json
from model.integer_network import Network
from rtl.charges import Charges, charges_of
from rtl.core_plan import CorePlan
from rtl.cost.memories import RULES
from rtl.cost.parts import Part, parts_of

COEFFICIENTS = Path(__file__).parent / "area.json"
"""Per family and figure the coefficient of every amount, and what they were fitted to (bench/area_model.py)."""


@dataclass(frozen=True)
class PredictedArea:
    """Predicted figures of a core on 7-series, with wide tables, its counters compiled out.

    Attributes:
        lut: tables of six inputs, as ``xc7.lut`` of the estimate.
        ff: flip-flops.
        bram36: block memories of 36 kbit.
        layers: of ``lut`` the share of every part: the encoder, each layer, the result.
    """

    lut: float
    ff: float
    bram36: float
    layers: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"lut": self.lut, "ff": self.ff, "bram36": self.bram36, "layers": self.layers}


def predict_area(network: Network, plan: CorePlan, charges: Charges | None = None) -> PredictedArea:
    """Predict the area of a core on 7-series.

    Args:
        network: the integer network.
        plan: the core.
        charges: the sums of its unrolled layers, where they are known already; building those of a large layer takes a while.
    """
    layers = predict_parts(parts_of(plan, charges_of(network, plan) if charges is None else charges), "xc7")
    figures = total(layers)
    return PredictedArea(figures["lut"], figures["ff"], figures["bram36"], {name: part["lut"] for name, part in layers.items()})


def predict_parts(parts: Mapping[str, Part], family: str) -> dict[str, dict[str, float]]:
    """Figures of every part on a family."""
    return {name: predict_part(part, family) for name, part in parts.items()}


def predict_part(part: Part, family: str) -> dict[str, float]:
    """Figures of one part on a family: tables, flip-flops, block memories."""
    amounts = amounts_of(part, family)
    figures = family_coefficients(family)["figures"]
    predicted = {
        figure: sum(known.get(name, 0.0) * amount for name, amount in amounts.items()) for figure, known in figures.items()
    }
    return predicted | {BLOCKS[family]: amounts.get("block memories", 0.0)}


BLOCKS = {"xc7": "bram36", "ecp5": "bram", "ice40": "bram"}
"""The figure of a family that counts its block memories, which follow from its memories without a fit."""


def amounts_of(part: Part, family: str) -> dict[str, float]:
    """Amounts of a part, its memories as the family builds them."""
    amounts: dict[str, float] = dict(part.amounts)
    for memory in part.memories:
        built = RULES[family](memory)
        found = {
            "block memories": built.blocks,
            "tables used as memory": built.distributed,
            "tables of coordinates" if memory.regular else "tables of constants": built.logic,
            "memory bits in flip-flops": built.registers,
            # Memories are read into registers.
            "bits read from distributed memory": memory.bits if built.distributed else 0,
            "bits of coordinates" if memory.regular else "bits of constants": memory.bits if built.logic else 0,
        }
        for name, amount in found.items():
            if amount:
                amounts[name] = amounts.get(name, 0.0) + amount
    return amounts


def total(parts: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Figures of a core from those of its parts."""
    return {figure: sum(part[figure] for part in parts.values()) for figure in next(iter(parts.values()))}


def family_coefficients(family: str) -> dict[str, Any]:
    """Coefficients and errors of one family.

    Raises:
        UserError: none of its cores were measured.
    """
    families = coefficients()["families"]
    if family not in families:
        raise UserError(
            f"{COEFFICIENTS}: no coefficients for {family}; python -m bench.area_model --families xc7 {family} measures cores"
        )
    known: dict[str, Any] = families[family]
    return known


@cache
def coefficients() -> dict[str, Any]:
    """The file of coefficients.

    Raises:
        UserError: it is missing.
    """
    if not COEFFICIENTS.is_file():
        raise UserError(f"{COEFFICIENTS}: no such file; python -m bench.area_model measures cores and writes it")
    known: dict[str, Any] = read_json(COEFFICIENTS)
    return known
