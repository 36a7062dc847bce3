"""What was chosen for a target, and what became of it: predictions beside measurements."""

from __future__ import annotations

from typing import Any

from model.config.target import Target, parse_target
from pipeline.report.sources import BuildFiles
from rtl.estimate.parts import FAMILIES

FOLD, ESTIMATE, SIM = "fold/fold.json", "estimate/estimate.json", "sim/sim.json"
_AREA = ("lut", "ff", "bram36")


def predicted_area_section(files: BuildFiles) -> dict[str, Any]:
    """Predicted tables, flip-flops and block memories beside the measured ones, and how far off the model is elsewhere."""
    section: dict[str, Any] = {}
    for figure in _AREA:
        beside = {
            field: files.take(f"hardware.predicted_area.{figure}.{field}", ESTIMATE, f"predicted.{figure}.{field}")
            for field in ("predicted", "measured")
        }
        error = files.optional(ESTIMATE, f"predicted.{figure}.error")
        section[figure] = beside | {"error_percent": None if error is None else 100 * error}
    for name in ("layers", "model"):
        section[name] = files.take(f"hardware.predicted_area.{name}", ESTIMATE, f"predicted.{name}")
    return section


def folding_section(files: BuildFiles) -> dict[str, Any] | None:
    """The choice, and whether the core that was built meets the target; None where there was no target."""
    target = parse_target(files.take("hardware.folding.target", FOLD, "target"))
    if target is None:
        return None
    fields = ("layers", "reason", "sample", "tried", "alternatives")
    taken = {name: files.take(f"hardware.folding.{name}", FOLD, name) for name in fields}
    predicted = {
        "latency_cycles": files.take("hardware.folding.predicted_latency_cycles", FOLD, "predicted.latency_cycles.median"),
        "lut": files.take("hardware.folding.predicted_lut", FOLD, "predicted.area.lut"),
    }
    return {"target": str(target)} | taken | {"predicted": predicted} | _met(files, target)


def _met(files: BuildFiles, target: Target) -> dict[str, Any]:
    """``met`` is None where nothing was measured that would tell."""
    if target.kind == "cycles":
        median = files.read(SIM, "latency_cycles.median")
        return {"met": median <= target.number, "measured": f"{median:,g} cycles in the simulation"}
    if target.kind == "luts":
        tables = files.read(ESTIMATE, "xc7.lut")
        return {"met": tables <= target.number, "measured": f"{tables:,} LUT in the synthesis"}
    if target.kind == "balanced":
        return {"met": None, "measured": ""}
    figures = _figures_of_family(files, target.family)
    if figures is None:
        return {"met": None, "measured": f"not synthesised for {FAMILIES[target.family].title}: name it in estimate.targets"}
    family = FAMILIES[target.family]
    missing = family.part(target.device).missing(figures, family.names)
    return {"met": not missing, "measured": f"needs {missing}" if missing else "by the figures of the synthesis"}


def _figures_of_family(files: BuildFiles, family: str) -> dict[str, Any] | None:
    if family in ("xc7", "ecp5"):
        figures: dict[str, Any] = files.read(ESTIMATE, family)
        return figures
    synthesised = files.read(ESTIMATE, "targets")
    return next((of_device["figures"] for of_device in synthesised.values()), None)
