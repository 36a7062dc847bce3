"""Synthesis with AMD Vitis where it is installed; without it no figure is ever given."""

from __future__ import annotations

import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from xml.etree import ElementTree

from hls.project import TOP_FUNCTION, HlsProject
from model.base.errors import UserError
from model.base.files import write_text
from model.base.tools import Tool, available

NOT_SYNTHESISED = "synthesis-ready, not synthesised"
NOT_READY = "not synthesis-ready"
SYNTHESISED = "synthesised"

LOG_FILE = "vitis.log"

_OPTIONS = ("csim", "cosim", "validation", "export", "vsynth", "fifo_opt")
_TIMING = "PerformanceEstimates/SummaryOfTimingAnalysis"
_LATENCY = "PerformanceEstimates/SummaryOfOverallLatency"
_RESOURCES = "AreaEstimates/Resources"


@dataclass(frozen=True)
class SynthesisReport:
    """The vendor's estimate after C synthesis.

    Attributes:
        target_clock_ns: the clock period asked for.
        estimated_clock_ns: the clock period that the tool expects to reach.
        latency_cycles_min: of one frame; ``_max`` likewise.
        interval_cycles_min: between two frames; ``_max`` likewise.
        lut: look-up tables; ``ff``, ``bram_18k``, ``uram`` and ``dsp`` likewise.
        source: the file that all of it was read from.
    """

    target_clock_ns: float
    estimated_clock_ns: float
    latency_cycles_min: int
    latency_cycles_max: int
    interval_cycles_min: int
    interval_cycles_max: int
    lut: int
    ff: int
    bram_18k: int
    uram: int
    dsp: int
    source: str


def vendor_tool() -> Tool | None:
    """Vitis HLS under either of its names, or None."""
    return available("vitis_hls") or available("vitis")


def synthesis(project: HlsProject, ready: bool, tool: Tool | None) -> dict[str, object]:
    """Synthesise where the tool is there and the project's checks passed.

    Args:
        project: a written project.
        ready: every check of the project passed.
        tool: Vitis, or None where it is not installed.

    Returns:
        For JSON: ``status``, and figures only where they come out of the tool's report.

    Raises:
        UserError: the tool failed, or its report lacks a figure.
    """
    if not ready:
        return {"status": NOT_READY}
    if tool is None:
        return {"status": NOT_SYNTHESISED}
    _run(project, tool)
    report = read_report(report_path(project.folder))
    return {"status": SYNTHESISED, "tool": f"{tool.name} {tool.version}", **asdict(report)}


def report_path(folder: Path) -> Path:
    """Where the generated script lets the tool put its report."""
    return folder / f"{TOP_FUNCTION}_prj" / "solution1" / "syn" / "report" / f"{TOP_FUNCTION}_csynth.xml"


def _run(project: HlsProject, tool: Tool) -> None:
    # The script runs what this file switches on: synthesis only.
    switches = "".join(f"    {name:<10} 0\n" for name in _OPTIONS)
    write_text(project.folder / "build_opt.tcl", f"array set opt {{\n    reset      1\n    synth      1\n{switches}}}\n")
    arguments = ["-f", "build_prj.tcl"] if tool.name == "vitis_hls" else ["--mode", "hls", "--tcl", "build_prj.tcl"]
    log = project.folder.parent / LOG_FILE
    # A report that is there afterwards is a new one.
    report_path(project.folder).unlink(missing_ok=True)
    with log.open("wb") as stream:
        finished = subprocess.run(
            [*tool.command, *arguments],
            cwd=project.folder,
            env=tool.full_environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if finished.returncode != 0:
        raise UserError(f"{tool.name} {tool.version} ended with status {finished.returncode}; its messages are in {log}")


def read_report(path: Path) -> SynthesisReport:
    """Read the report of C synthesis, ``<top>_csynth.xml``.

    Raises:
        UserError: no such file, no XML, or a figure that is absent or no number ("undef", "?").
    """
    try:
        root = ElementTree.parse(path).getroot()
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such report; the synthesis did not finish") from error
    except ElementTree.ParseError as error:
        raise UserError(f"{path}: not a readable report ({error}); synthesise again") from error

    def text(key: str) -> str:
        element = root.find(key)
        if element is None or not (element.text or "").strip():
            raise UserError(f"{path}: the report has no {key}")
        return str(element.text).strip()

    def count(key: str) -> int:
        if not text(key).isdecimal():
            raise UserError(f"{path}: {key} is {text(key)!r}, which is no count")
        return int(text(key))

    def time(key: str) -> float:
        try:
            return float(text(key))
        except ValueError as error:
            raise UserError(f"{path}: {key} is {text(key)!r}, which is no time") from error

    return SynthesisReport(
        target_clock_ns=time("UserAssignments/TargetClockPeriod"),
        estimated_clock_ns=time(f"{_TIMING}/EstimatedClockPeriod"),
        latency_cycles_min=count(f"{_LATENCY}/Best-caseLatency"),
        latency_cycles_max=count(f"{_LATENCY}/Worst-caseLatency"),
        interval_cycles_min=count(f"{_LATENCY}/Interval-min"),
        interval_cycles_max=count(f"{_LATENCY}/Interval-max"),
        lut=count(f"{_RESOURCES}/LUT"),
        ff=count(f"{_RESOURCES}/FF"),
        bram_18k=count(f"{_RESOURCES}/BRAM_18K"),
        uram=count(f"{_RESOURCES}/URAM"),
        dsp=count(f"{_RESOURCES}/DSP"),
        source=path.name,
    )
