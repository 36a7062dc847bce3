"""The estimate step: area on two families, clock on one, every figure with the file it was read from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.base.files import read_json, write_json
from model.base.progress import Progress, progress
from model.base.tools import Tool, find_tool
from model.config.schema import Configuration, EstimateSection
from rtl.estimate.area import Design, Figures, figures_of, run_yosys
from rtl.estimate.contents import check_audited, check_blocks, check_loaded
from rtl.estimate.families import ECP5, XC7
from rtl.estimate.netlist import CellCosts
from rtl.estimate.placement import REPORT, Placement, place_and_route, placement_arguments, what_is_missing
from rtl.estimate.scripts import ECP5_FLOW, NO_COUNTERS, XC7_FLOW, Flow


@dataclass(frozen=True)
class Synthesis:
    """What yosys said about one family: figures, the file of each, and the bits of memory that were found in the netlist."""

    figures: Figures
    sources: dict[str, str]
    memory_bits: int


def run_estimate(config: Configuration, rtl: Path, out: Path) -> None:
    """Synthesise the core for 7-series and ECP5, place and route it on ECP5 if the device has as much as it needs.

    Args:
        config: its estimate section is read.
        rtl: folder of the core, with rtl.json and audit.json.
        out: receives estimate.json and everything that its figures were read from.

    Raises:
        UserError: a tool is missing or failed, a figure is missing, or a memory's contents are not in the netlist.
    """
    yosys, nextpnr = find_tool("yosys"), find_tool("nextpnr-ecp5")
    core = _Core.read(rtl)
    check_audited(rtl)
    with progress(3, "synthesis, place and route", "jobs") as shown, ThreadPoolExecutor(2) as pool:
        ecp5_jobs = pool.submit(_ecp5, core, yosys, nextpnr, out, config.estimate, shown)
        xc7_job = pool.submit(_synthesise, core, yosys, XC7_FLOW, XC7, out, shown)
        xc7 = xc7_job.result()
        ecp5, placement = ecp5_jobs.result()
    placed: Figures = {}
    if placement is not None:
        placed = {"fmax_mhz": round(placement.fmax_mhz, 3), "lut4_placed": placement.lut4_placed}
    device = config.estimate.ecp5_device
    estimate = {
        "xc7": xc7.figures,
        "ecp5": ecp5.figures | placed,
        "sources": xc7.sources | ecp5.sources | {f"ecp5.{figure}": REPORT for figure in placed},
        "placement": {"device": device, "missing": what_is_missing(ecp5.figures, device)},
        "critical_path": {} if placement is None else placement.critical_path,
        "flags": {
            "yosys xc7": XC7_FLOW.command,
            "yosys xc7, no wide": f"{XC7_FLOW.command} -nowidelut",
            "yosys ecp5": ECP5_FLOW.command,
            "yosys ecp5, no wide": f"{ECP5_FLOW.command} -nowidelut",
            "core": "COUNTERS=0",
            "nextpnr-ecp5": " ".join(placement_arguments("ecp5.json", config.estimate)),
        },
        "tools": {tool.name: f"{tool.version} ({tool.origin})" for tool in (yosys, nextpnr)},
        "checks": _checks(xc7, ecp5),
    }
    write_json(out / "estimate.json", estimate)


@dataclass(frozen=True)
class _Core:
    """The files of a core, relative to its folder, which is the working directory of yosys."""

    design: Design
    memories: list[str]

    @property
    def folder(self) -> Path:
        return self.design.folder

    @classmethod
    def read(cls, folder: Path) -> _Core:
        description = read_json(folder / "rtl.json")
        return cls(Design(folder, description["top"], description["sources"], NO_COUNTERS), description["memories"])


def _ecp5(
    core: _Core, yosys: Tool, nextpnr: Tool, out: Path, settings: EstimateSection, shown: Progress
) -> tuple[Synthesis, Placement | None]:
    synthesis = _synthesise(core, yosys, ECP5_FLOW, ECP5, out, shown)
    fits = not what_is_missing(synthesis.figures, settings.ecp5_device)
    placement = place_and_route(nextpnr, out, "ecp5.json", settings) if fits else None
    shown.advance()
    return synthesis, placement


def _synthesise(core: _Core, yosys: Tool, flow: Flow, costs: CellCosts, out: Path, shown: Progress) -> Synthesis:
    run_yosys(core.design, yosys, flow, out)
    memory_bits = check_loaded(core.folder, core.memories, out / f"{flow.family}_memories.json")
    check_blocks(out / f"{flow.family}_large.json", out / f"{flow.family}_blocks.json")
    shown.advance()
    figures, sources = figures_of(flow, costs, out)
    return Synthesis(figures, sources, memory_bits)


def _checks(xc7: Synthesis, ecp5: Synthesis) -> list[dict[str, Any]]:
    counted = {
        "no DSP blocks on 7-series": (xc7.figures["dsp"], "DSP48E1"),
        "no DSP blocks on ECP5": (ecp5.figures["mult18"], "multiplier blocks"),
        "no latches": (xc7.figures["latch"], "latches"),
    }
    checks = [
        {"name": name, "passed": count == 0, "detail": f"{count} {what}; expected none"}
        for name, (count, what) in counted.items()
    ]
    detail = f"{xc7.memory_bits:,} bits on 7-series and {ecp5.memory_bits:,} on ECP5 equal to the memory files"
    checks.append(
        {"name": "memory contents in the netlist", "passed": xc7.memory_bits > 0 and ecp5.memory_bits > 0, "detail": detail}
    )
    return checks
