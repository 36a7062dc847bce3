"""Synthesis of a core for one family: figures from yosys' JSON, after the proof that the memories' contents are in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from model.base.files import read_json, write_text
from model.base.tools import Tool
from rtl.estimate.blocks import check_blocks, fill_ecp5
from rtl.estimate.contents import check_loaded
from rtl.estimate.netlist import cell_counts
from rtl.estimate.parts import ECP5_FAMILY, Family
from rtl.estimate.placement import write_clock_alone
from rtl.estimate.run import relative, run_tool
from rtl.estimate.scripts import script

Figures = dict[str, int | float]


@dataclass(frozen=True)
class CoreFiles:
    """The files of a core, relative to its folder, which is the working directory of yosys."""

    folder: Path
    top: str
    sources: list[str]
    memories: list[str]

    @classmethod
    def read(cls, folder: Path) -> CoreFiles:
        """Read rtl.json.

        Raises:
            UserError: it is missing.
        """
        description = read_json(folder / "rtl.json")
        return cls(folder, description["top"], description["sources"], description["memories"])


@dataclass(frozen=True)
class Synthesis:
    """What yosys said about one family: figures, the file of each, and the bits of memory that were found in the netlist."""

    family: Family
    figures: Figures
    files: dict[str, str]
    memory_bits: int

    @property
    def flags(self) -> dict[str, str]:
        """The synthesis commands, by a name that says what for."""
        flow = self.family.flow
        narrow = {f"yosys {flow.family}, no wide": f"{flow.command} -nowidelut"} if flow.wide else {}
        return {f"yosys {flow.family}": flow.command} | narrow


def netlist_name(family: Family) -> str:
    """The file of the netlist that is placed."""
    return f"{family.name}.json"


def synthesise(core: CoreFiles, yosys: Tool, family: Family, out: Path) -> Synthesis:
    """Run yosys, prove the contents and count; a family that is placed leaves its netlist in ``out``.

    Raises:
        UserError: yosys failed, a figure is missing, or a memory's contents are not in the netlist.
    """
    flow = family.flow
    commands = out / f"{flow.family}.ys"
    write_text(commands, script(flow, core.sources, core.top, relative(out, core.folder)))
    log = relative(out / f"{flow.family}.log", core.folder)
    arguments = ["-Q", "-q", "-l", log, "-s", relative(commands, core.folder)]
    run_tool(yosys, arguments, core.folder, out / f"{flow.family}_messages.log")
    memory_bits = check_loaded(core.folder, core.memories, out / f"{flow.family}_memories.json")
    contents, blank = out / f"{flow.family}_contents.json", out / f"{flow.family}_blank.json"
    check_blocks(flow, contents, blank)
    if family is ECP5_FAMILY:
        fill_ecp5(contents, blank, out / netlist_name(family))
    elif family.clock_alone:
        write_clock_alone(blank, out / netlist_name(family))
    blank.unlink()
    return Synthesis(family, *_figures(family, out), memory_bits)


def _figures(family: Family, out: Path) -> tuple[Figures, dict[str, str]]:
    wide, narrow = f"{family.flow.family}_stat.json", f"{family.flow.family}_no_wide_stat.json"
    figures = family.costs.count(cell_counts(out / wide), wide)
    files = dict.fromkeys(figures, wide)
    if family.flow.wide:
        tables = next(iter(figures))
        figures[f"{tables}_no_wide"] = family.costs.count(cell_counts(out / narrow), narrow)[tables]
        files[f"{tables}_no_wide"] = narrow
    return figures, files
