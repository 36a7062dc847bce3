"""The area of a design on one family: yosys is run, and every figure is read from the file that it is noted with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.base.files import write_text
from model.base.tools import Tool
from rtl.estimate.netlist import CellCosts, cell_counts
from rtl.estimate.run import relative, run_tool
from rtl.estimate.scripts import Flow, script

Figures = dict[str, int | float]


@dataclass(frozen=True)
class Design:
    """Verilog to synthesise.

    Attributes:
        folder: the working directory of yosys.
        top: the top level.
        sources: files, relative to ``folder``.
        parameters: what parameters of the top level are set to.
        list_memories: memories are written as they were read, to be compared with the files that fill them.
    """

    folder: Path
    top: str
    sources: Sequence[str]
    parameters: Mapping[str, int]
    list_memories: bool = True


def run_yosys(design: Design, yosys: Tool, flow: Flow, out: Path) -> None:
    """Synthesise a design; ``out`` receives the script, the log and everything that the script writes.

    Raises:
        UserError: yosys failed.
    """
    commands = out / f"{flow.family}.ys"
    to = relative(out, design.folder)
    write_text(commands, script(flow, design.sources, design.top, to, design.parameters, design.list_memories))
    log = relative(out / f"{flow.family}.log", design.folder)
    arguments = ["-Q", "-q", "-l", log, "-s", relative(commands, design.folder)]
    run_tool(yosys, arguments, design.folder, out / f"{flow.family}_messages.log")


def figures_of(flow: Flow, costs: CellCosts, out: Path) -> tuple[Figures, dict[str, str]]:
    """Figures of what ``run_yosys`` synthesised, and the file of each under the name ``family.figure``.

    Raises:
        UserError: a figure is missing, or a cell's size is not known.
    """
    family = flow.family
    wide, narrow = f"{family}_stat.json", f"{family}_no_wide_stat.json"
    figures = costs.count(cell_counts(out / wide), wide)
    sources = {f"{family}.{figure}": wide for figure in figures}
    tables = next(iter(figures))
    figures[f"{tables}_no_wide"] = costs.count(cell_counts(out / narrow), narrow)[tables]
    sources[f"{family}.{tables}_no_wide"] = narrow
    return figures, sources
