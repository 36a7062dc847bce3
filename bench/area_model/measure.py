"""One core after the other is generated and synthesised; every figure is kept, so that a run that was stopped goes on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.area_model.cases import Case, case_of
from model.base.files import read_json, write_json
from model.base.tools import Tool, find_tool
from rtl.estimate.area import figures_of, run_yosys
from rtl.estimate.contents import check_loaded
from rtl.estimate.parts import FAMILIES, Family
from rtl.estimate.synthesis import CoreFiles
from rtl.generate import generate_core

Points = dict[str, dict[str, dict[str, float]]]
"""Figures by the name of the case and the family."""


def read_points(path: Path) -> Points:
    """What was measured so far."""
    points: Points = read_json(path)["points"] if path.is_file() else {}
    return points


def measure(names: Sequence[str], families: Sequence[str], path: Path, most_seconds: float) -> Points:
    """Measure what is not in the file yet, for so many seconds at most.

    Args:
        names: of the cases.
        families: of the devices.
        path: the file of points.
        most_seconds: nothing is begun later.
    """
    points, yosys, begun = read_points(path), find_tool("yosys"), time.monotonic()
    for name in names:
        missing = [family for family in families if family not in points.get(name, {})]
        if not missing:
            continue
        if time.monotonic() - begun > most_seconds:
            break
        started = time.monotonic()
        path.parent.mkdir(parents=True, exist_ok=True)
        points.setdefault(name, {}).update(_measured(case_of(name), [FAMILIES[family] for family in missing], yosys, path.parent))
        write_json(path, {"yosys": yosys.version, "points": points})
        tables = {family: next(iter(points[name][family].values())) for family in missing}
        print(f"{name}: {tables}, {time.monotonic() - started:.0f} s", flush=True)
    return points


def _measured(case: Case, families: Sequence[Family], yosys: Tool, below: Path) -> dict[str, dict[str, float]]:
    with TemporaryDirectory(dir=below) as folder:
        core, out = Path(folder) / "core", Path(folder) / "out"
        out.mkdir()
        generate_core(case.network, case.lanes, core, case.engines, case.settings)
        return {family.name: _figures(CoreFiles.read(core), family, yosys, out) for family in families}


def _figures(core: CoreFiles, family: Family, yosys: Tool, out: Path) -> dict[str, Any]:
    """Figures with wide tables; a netlist is not wanted."""
    alone = replace(family, flow=replace(family.flow, wide=False, netlist=False))
    run_yosys(core.design, yosys, alone.flow, out)
    check_loaded(core.design.folder, core.memories, out / f"{alone.flow.family}_memories.json")
    figures, _ = figures_of(alone, out)
    return {figure: figures[figure] for figure in family.names}
