"""A row in HLS and RTL: C simulation and Verilator over some frames, compared with golden for equality."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from model.base.files import read_json, write_json
from model.config.schema import Configuration
from pipeline.campaign.steps import GOLDEN, HLS, RTL, SIM, run_step
from pipeline.outcomes import Figures

FILE = "simulations.json"
_KEPT = {"hls": "hls.json", "rtl": "audit.json", "sim": "sim.json"}


def simulate(config: Configuration, data: Path, folded: Path, out: Path) -> list[str]:
    """Golden, HLS, RTL and its simulation, each as a build runs it; writes ``simulations.json``.

    Args:
        config: the row's configuration.
        data: a data set whose test part is the frames to simulate.
        folded: a result of the fold step.
        out: an empty folder; what the steps leave but their figures is removed again where they passed.

    Returns:
        The comparisons that failed, the first difference of each.
    """
    folders = {"data": data, "fold": folded}
    failures: list[str] = []
    for step in (GOLDEN, HLS, RTL, SIM):
        failures += run_step(step, config, folders, out / step.name)
        folders[step.name] = out / step.name
    write_json(out / FILE, _figures(out))
    if not failures:
        _clear(out)
    return failures


def _figures(out: Path) -> dict[str, Any]:
    hls, sim = Figures(out / "hls" / "hls.json"), Figures(out / "sim" / "sim.json")
    return {
        "frames": sim["frames"],
        **_compared("hls", hls, "comparison"),
        **_compared("rtl", sim, "rtl_vs_golden"),
        **_compared("counters", sim, "counters_rtl_vs_golden"),
        "checks_failed": sum(not check["passed"] for check in [*hls["checks"].values(), *sim["checks"]]),
        "latency_cycles": sim["latency_cycles.median"],
        "interval_cycles": sim["interval_cycles.median"],
    }


def _compared(name: str, figures: Figures, key: str) -> dict[str, Any]:
    return {f"{name}_values": figures[f"{key}.values"], f"{name}_mismatches": figures[f"{key}.mismatches"]}


def _clear(out: Path) -> None:
    """Only the figures stay: a project and a core of every row would be gigabytes."""
    kept = {name: read_json(out / name / file) for name, file in _KEPT.items()}
    for folder in [path for path in out.iterdir() if path.is_dir()]:
        shutil.rmtree(folder)
    for name, content in kept.items():
        write_json(out / name / _KEPT[name], content)
