"""The area of a design on one family: yosys is run, and every figure is read from the file that it is noted with."""

from __future__ import annotations

from pathlib import Path

from model.base.files import write_text
from model.base.tools import Tool
from rtl.estimate.netlist import cell_counts
from rtl.estimate.parts import Family
from rtl.estimate.run import relative, run_tool
from rtl.estimate.scripts import Design, Flow, script

Figures = dict[str, int | float]


def run_yosys(design: Design, yosys: Tool, flow: Flow, out: Path) -> None:
    """Synthesise a design; ``out`` receives the script, the log and everything that the script writes.

    Raises:
        UserError: yosys failed.
    """
    commands = out / f"{flow.family}.ys"
    write_text(commands, script(flow, design, relative(out, design.folder)))
    log = relative(out / f"{flow.family}.log", design.folder)
    arguments = ["-Q", "-q", "-l", log, "-s", relative(commands, design.folder)]
    run_tool(yosys, arguments, design.folder, out / f"{flow.family}_messages.log")


def figures_of(family: Family, out: Path) -> tuple[Figures, dict[str, str]]:
    """Figures of what ``run_yosys`` synthesised, and the file of each.

    Raises:
        UserError: a figure is missing, or a cell's size is not known.
    """
    wide, narrow = f"{family.flow.family}_stat.json", f"{family.flow.family}_no_wide_stat.json"
    figures = family.costs.count(cell_counts(out / wide), wide)
    files = dict.fromkeys(figures, wide)
    if family.flow.wide:
        tables = next(iter(figures))
        figures[f"{tables}_no_wide"] = family.costs.count(cell_counts(out / narrow), narrow)[tables]
        files[f"{tables}_no_wide"] = narrow
    return figures, files


def flags_of(flow: Flow) -> dict[str, str]:
    """The synthesis commands, by a name that says what for."""
    narrow = {f"yosys {flow.family}, no wide": f"{flow.command} -nowidelut"} if flow.wide else {}
    return {f"yosys {flow.family}": flow.command} | narrow
