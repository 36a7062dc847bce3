"""Predicted area beside what synthesis measured, and the error of the model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.base.files import read_json
from model.integer_network import load_network
from rtl.core_plan import plan_core
from rtl.core_settings import CoreSettings
from rtl.cost.area import family_coefficients, predict_area

FIGURES = ("lut", "ff", "bram36")


def predicted_beside(network: Path, core: Path, measured: Mapping[str, float]) -> dict[str, Any]:
    """For JSON: of tables, flip-flops and blocks what was predicted, measured and the error; tables of every part; the model.

    Args:
        network: the integer network's file.
        core: folder of the core, with rtl.json.
        measured: figures of the synthesis for 7-series.
    """
    loaded, described = load_network(network), read_json(core / "rtl.json")
    lanes = [layer["lanes"] for layer in described["layers"]]
    plan = plan_core(loaded, lanes, described["engines"], CoreSettings.described(described))
    area = predict_area(loaded, plan)
    figures = {name: _beside(getattr(area, name), measured[name]) for name in FIGURES}
    return figures | {"layers": area.layers, "model": family_coefficients("xc7")["errors"]["lut"]["left_out"]}


def _beside(predicted: float, measured: float) -> dict[str, float | None]:
    """The error is a share of what was measured, none of nothing."""
    return {"predicted": predicted, "measured": measured, "error": predicted / measured - 1 if measured else None}
