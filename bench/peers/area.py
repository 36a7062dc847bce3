"""The area of a peer's Verilog, with the script, the flags and the families of our own estimate step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model.base.tools import find_tool
from rtl.estimate.area import Design, figures_of, run_yosys
from rtl.estimate.families import ECP5, XC7
from rtl.estimate.scripts import ECP5_FLOW, XC7_FLOW

FAMILIES = ((XC7_FLOW, XC7), (ECP5_FLOW, ECP5))


def measure_area(design: Design, out: Path) -> dict[str, Any]:
    """Figures of both families, the file of each, flags and version of yosys: what estimate.json says of our core.

    Raises:
        UserError: yosys is missing or failed, or a figure is missing.
    """
    out.mkdir(parents=True, exist_ok=True)
    yosys = find_tool("yosys")
    area: dict[str, Any] = {"sources": {}, "flags": {}}
    for flow, costs in FAMILIES:
        run_yosys(design, yosys, flow, out)
        area[flow.family], sources = figures_of(flow, costs, out)
        area["sources"] |= sources
        area["flags"] |= {f"yosys {flow.family}": flow.command, f"yosys {flow.family}, no wide": f"{flow.command} -nowidelut"}
    return area | {"tools": {yosys.name: f"{yosys.version} ({yosys.origin})"}}
