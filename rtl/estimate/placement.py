"""Place and route on ECP5, whether a core fits at all, and what the JSON report says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.base.errors import UserError
from model.base.files import read_json
from model.base.tools import Tool
from model.config.schema import EstimateSection
from rtl.estimate.run import run_tool

SPEED_GRADE = 6
REPORT = "place_and_route.json"
# LUT4, 18-kbit blocks and flip-flops as nextpnr has them; it gives the 12k the die of the 25k.
_SMALL = {"lut4": 24_288, "ff": 24_288, "bram": 56}
CAPACITIES: dict[str, dict[str, int]] = {
    "12k": _SMALL,
    "25k": _SMALL,
    "45k": {"lut4": 43_848, "ff": 43_848, "bram": 108},
    "85k": {"lut4": 83_640, "ff": 83_640, "bram": 208},
}
"""What a device has of each figure of a synthesised core."""
_NAMES = {"lut4": "LUT4", "ff": "flip-flops", "bram": "DP16KD"}


@dataclass(frozen=True)
class Placement:
    """Figures of a placed and routed design.

    Attributes:
        fmax_mhz: highest clock frequency.
        lut4_placed: lookup tables in use, those for carry, memory and constants included.
        critical_path: what limits the clock, see ``_critical_path``.
    """

    fmax_mhz: float
    lut4_placed: int
    critical_path: dict[str, object]


def what_is_missing(figures: Mapping[str, int | float], device: str) -> str:
    """What a synthesised core needs more of than a device has, e.g. ``312 of 208 DP16KD``; empty where it may fit."""
    return ", ".join(
        f"{figures[figure]:,} of {there:,} {_NAMES[figure]}"
        for figure, there in CAPACITIES[device].items()
        if figures[figure] > there
    )


def placement_arguments(netlist: str, settings: EstimateSection) -> list[str]:
    """Arguments of nextpnr-ecp5; out of context, since the core is a part of a larger design and has more ports than pins."""
    return [
        f"--{settings.ecp5_device}",
        "--speed",
        str(SPEED_GRADE),
        "--out-of-context",
        "--timing-allow-fail",
        "--router",
        settings.ecp5_router,
        "--seed",
        str(settings.seed),
        "--json",
        netlist,
        "--report",
        REPORT,
    ]


def place_and_route(tool: Tool, out: Path, netlist: str, settings: EstimateSection) -> Placement:
    """Place and route a netlist that lies in ``out`` and write the report there.

    Raises:
        UserError: nextpnr failed; most often the core is larger than the device.
    """
    try:
        run_tool(tool, placement_arguments(netlist, settings), out, out / "place_and_route.log")
    except UserError as error:
        raise UserError(
            f"{error}; a core that is too large for an ECP5 {settings.ecp5_device} needs a larger estimate.ecp5_device"
            " (at most 85k), a smaller hardware.parallelism or, with maps, hardware.potential_buffers = 1"
        ) from error
    return read_placement(out / REPORT)


def read_placement(path: Path) -> Placement:
    """Figures of nextpnr's report.

    Raises:
        UserError: a key is absent, or there is not exactly one clock.
    """
    report = read_json(path)
    try:
        clocks = report["fmax"]
        if len(clocks) != 1:
            raise UserError(f"{path}: {len(clocks)} clocks with a frequency; expected one")
        (clock,) = clocks.values()
        paths = [_critical_path(entry) for entry in report["critical_paths"] if _inside_one_clock(entry)]
        if not paths:
            raise UserError(f"{path}: no critical path inside the clock; expected one")
        return Placement(float(clock["achieved"]), int(report["utilization"]["TRELLIS_COMB"]["used"]), paths[0])
    except (KeyError, TypeError) as error:
        raise UserError(f"{path}: no {error}; expected the report of nextpnr 0.11 or a compatible version") from error


def _inside_one_clock(entry: dict[str, Any]) -> bool:
    return bool(entry["from"] == entry["to"]) and str(entry["from"]).startswith("posedge")


def _critical_path(entry: dict[str, Any]) -> dict[str, object]:
    """First and last cell, delay in ns in all and in the wires alone, and the number of cells passed."""
    segments = entry["path"]
    return {
        "from": segments[0]["from"]["cell"],
        "to": segments[-1]["to"]["cell"],
        "ns": round(sum(segment["delay"] for segment in segments), 3),
        "routing_ns": round(sum(segment["delay"] for segment in segments if segment["type"] == "routing"), 3),
        "logic_cells": sum(segment["type"] == "logic" for segment in segments),
    }
