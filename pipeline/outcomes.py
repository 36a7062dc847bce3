"""What each step's files say: failed comparisons, and the main figures in a few words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model.base.errors import UserError
from model.base.files import read_json


class Figures:
    """A step's JSON file by dotted keys; an absent figure is an error, never 0."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._table = read_json(path)

    def __getitem__(self, key: str) -> Any:
        value = self._table
        for part in key.split("."):
            if not isinstance(value, dict) or part not in value:
                raise UserError(f"{self._path}: no figure {key}; delete its folder and build again")
            value = value[part]
        return value

    def optional(self, key: str) -> Any:
        """A figure of the file's top level, None where it is absent."""
        return self._table.get(key)


def _unequal(figures: Figures, key: str, stage: str) -> list[str]:
    """Why a comparison is no proof of equality; nothing compared is a failure too."""
    if not figures[f"{key}.values"]:
        return [f"{stage}: nothing was compared"]
    mismatches = figures[f"{key}.mismatches"]
    if not mismatches:
        return []
    # The first difference begins with the stage's own name.
    return [f"{figures[f'{key}.first']} ({mismatches:,} of {figures[f'{key}.values']:,} values differ)"]


def _equal(figures: Figures, key: str) -> str:
    return f"{figures[f'{key}.values']:,} values"


def percent(share: float) -> str:
    """A share of 1 as a percentage."""
    return f"{100 * share:.2f} %"


def data_summary(folder: Path) -> str:
    """Source and sizes."""
    figures = Figures(folder / "data.json")
    parts = ", ".join(f"{figures[f'counts.{part}']:,} {part}" for part in ("train", "validation", "test"))
    return f"{figures['title']}: {parts} images of {'×'.join(map(str, figures['shape']))}"


def train_summary(folder: Path) -> str:
    """Accuracy and epochs, and what was not trained here."""
    figures = Figures(folder / "train.json")
    ready = figures.optional("ready")
    origin = "" if ready is None else f"; ready network {ready['name']}, trained on {ready['trained_on']}"
    return f"{percent(figures['accuracy.test'])} of the test images, epoch {figures['best_epoch']} of {figures['epochs']}{origin}"


def convert_failures(folder: Path) -> list[str]:
    """The integer reference against the Brevitas network."""
    return _unequal(Figures(folder / "convert.json"), "comparison", "ann_vs_reference")


def convert_summary(folder: Path) -> str:
    """Accuracy, the proof, and the wire codes that were chosen."""
    figures = Figures(folder / "convert.json")
    chosen = [f"{layer} {choice['code']}" for layer, choice in figures["codes"].items() if choice["automatic"]]
    codes = f"; cheapest codes: {', '.join(chosen)}" if chosen else ""
    return f"{percent(figures['accuracy.reference'])}, integers equal to Brevitas in {_equal(figures, 'comparison')}{codes}"


def fold_summary(folder: Path) -> str:
    """The choice and why."""
    figures = Figures(folder / "fold.json")
    return "engines, lanes and codes as given" if figures["target"] == "off" else str(figures["reason"])


def golden_failures(folder: Path) -> list[str]:
    """The golden simulator against the reference, where the method is exact."""
    figures = Figures(folder / "golden.json")
    return _unequal(figures, "comparison", "reference_vs_golden") if figures["comparison_is_verdict"] else []


def golden_summary(folder: Path) -> str:
    """Accuracy, and the proof or the measured loss."""
    figures = Figures(folder / "golden.json")
    accuracy = percent(figures["accuracy"])
    if figures["comparison_is_verdict"]:
        return f"{accuracy}, spikes equal to the integers in {_equal(figures, 'comparison')}"
    share = figures["comparison.mismatches"] / figures["comparison.values"]
    return f"{accuracy}, {percent(share)} of the values differ from its ANN (a causal method: measured, no failure)"


def hls_failures(folder: Path) -> list[str]:
    """C simulation against golden, and the checks of synthesisability."""
    figures = Figures(folder / "hls.json")
    checks = [f"hls: check {name} failed: {check['detail']}" for name, check in figures["checks"].items() if not check["passed"]]
    return _unequal(figures, "comparison", "hls_vs_golden") + checks


def hls_summary(folder: Path) -> str:
    """The proof, and whether it was synthesised."""
    figures = Figures(folder / "hls.json")
    return f"C simulation equal to golden in {_equal(figures, 'comparison')}; {figures['synthesis.status']}"


def rtl_failures(folder: Path) -> list[str]:
    """The audit of the syntax tree."""
    figures = Figures(folder / "audit.json")
    multipliers = figures["multipliers"]
    found = [f"audit: {multipliers} multipliers in the Verilog; expected none"] if multipliers else []
    return found or ([] if figures["passed"] else [f"audit: failed; {folder / 'audit.json'} says why"])


def rtl_summary(folder: Path) -> str:
    """Layers and lanes."""
    figures = Figures(folder / "rtl.json")
    lanes = ", ".join(f"{layer['name']} {layer['channels']} neurons on {layer['lanes']} lanes" for layer in figures["layers"])
    return f"{lanes}; audit passed"


def sim_failures(folder: Path) -> list[str]:
    """The core against golden, its counters, and every other check."""
    figures = Figures(folder / "sim.json")
    stages = ("rtl_vs_golden", "counters_rtl_vs_golden")
    unequal = [reason for stage in stages for reason in _unequal(figures, stage, stage)]
    checks = [f"sim: {check['name']}: {check['detail']}" for check in figures["checks"] if not check["passed"]]
    # Where nothing was compared, a check says why.
    return unequal + checks if figures["rtl_vs_golden.values"] else checks + unequal


def sim_summary(folder: Path) -> str:
    """The proof and the cycles."""
    figures = Figures(folder / "sim.json")
    cycles = f"latency {figures['latency_cycles.median']:g} cycles, interval {figures['interval_cycles.median']:g}"
    return f"{figures['frames']:,} frames equal to golden in {_equal(figures, 'rtl_vs_golden')}; {cycles}"


def sim_details(folder: Path) -> list[str]:
    """One line a check."""
    return [
        f"{'pass' if check['passed'] else 'FAIL'} {check['name']}: {check['detail']}"
        for check in Figures(folder / "sim.json")["checks"]
    ]


def estimate_failures(folder: Path) -> list[str]:
    """What the netlist must not have."""
    checks = Figures(folder / "estimate.json")["checks"]
    return [f"estimate: {check['name']}: {check['detail']}" for check in checks if not check["passed"]]


def estimate_summary(folder: Path) -> str:
    """Area and clock."""
    figures = Figures(folder / "estimate.json")
    error = figures["predicted.lut.error"]
    predicted = f" ({figures['predicted.lut.predicted']:,.0f} predicted, {100 * error:+.1f} %)"
    xc7 = f"7-series {figures['xc7.lut']:,} LUT{predicted}, {figures['xc7.bram36']:g} BRAM36, {figures['xc7.dsp']} DSP"
    missing = figures["placement.missing"]
    clock = f"not placed, needs {missing} of an {figures['placement.device']}" if missing else _clock(figures, "ecp5")
    others = "".join(_target(figures, name) for name in figures["targets"])
    return f"{xc7}; ECP5 {figures['ecp5.lut4']:,} LUT4, {clock}{others}"


def _clock(figures: Figures, key: str) -> str:
    lowest, highest = figures[f"{key}.fmax_mhz_lowest"], figures[f"{key}.fmax_mhz_highest"]
    spread = "" if lowest == highest else f" ({lowest:.1f} to {highest:.1f})"
    return f"{figures[f'{key}.fmax_mhz']:.1f} MHz{spread}"


def _target(figures: Figures, name: str) -> str:
    """A device beside the ECP5."""
    key = f"targets.{name}"
    missing = figures[f"{key}.placement.missing"]
    clock = f"not placed, needs {missing}" if missing else _clock(figures, f"{key}.figures")
    return f"; {name} {figures[f'{key}.figures.lut4']:,} LUT4, {clock}"


def netlist_failures(folder: Path) -> list[str]:
    """The netlist against golden, and every other check."""
    figures = Figures(folder / "netlist.json")
    if not figures["simulated"]:
        return []
    checks = [f"netlist: {check['name']}: {check['detail']}" for check in figures["checks"] if not check["passed"]]
    unequal = _unequal(figures, "netlist_vs_golden", "netlist_vs_golden")
    # Where nothing was compared, a check says why.
    return unequal + checks if figures["netlist_vs_golden.values"] else checks + unequal


def netlist_summary(folder: Path) -> str:
    """The proof, or that there is none."""
    figures = Figures(folder / "netlist.json")
    if not figures["simulated"]:
        return "not simulated (netlist.frames is off)"
    return f"{figures['frames']:,} frames of the ECP5 netlist equal to golden in {_equal(figures, 'netlist_vs_golden')}"


def report_failures(folder: Path) -> list[str]:
    """The report's own judgement of all figures together."""
    figures = Figures(folder / "report.json")
    return [] if figures["verdict"] == "PASS" else [str(reason) for reason in figures["failures"]]
