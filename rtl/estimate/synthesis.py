"""Synthesis of a core for one family: figures from yosys' JSON, after the proof that the memories' contents are in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from model.base.files import read_json
from model.base.tools import Tool
from rtl.estimate.area import Figures, figures_of, flags_of, run_yosys
from rtl.estimate.blocks import check_blocks, fill_ecp5
from rtl.estimate.contents import check_loaded
from rtl.estimate.parts import ECP5_FAMILY, Family
from rtl.estimate.placement import write_clock_alone
from rtl.estimate.scripts import Design


@dataclass(frozen=True)
class CoreFiles:
    """A generated core, its counters compiled out, and its memory files, relative to its folder."""

    design: Design
    memories: list[str]

    @classmethod
    def read(cls, folder: Path) -> CoreFiles:
        """Read rtl.json.

        Raises:
            UserError: it is missing.
        """
        description = read_json(folder / "rtl.json")
        return cls(Design(folder, description["top"], description["sources"], {"COUNTERS": 0}), description["memories"])


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
        return flags_of(self.family.flow)


def netlist_name(family: Family) -> str:
    """The file of the netlist that is placed."""
    return f"{family.name}.json"


def synthesise(core: CoreFiles, yosys: Tool, family: Family, out: Path) -> Synthesis:
    """Run yosys, prove the contents and count; a family that is placed leaves its netlist in ``out``.

    Raises:
        UserError: yosys failed, a figure is missing, or a memory's contents are not in the netlist.
    """
    flow = family.flow
    run_yosys(core.design, yosys, flow, out)
    memory_bits = check_loaded(core.design.folder, core.memories, out / f"{flow.family}_memories.json")
    contents, blank = out / f"{flow.family}_contents.json", out / f"{flow.family}_blank.json"
    check_blocks(flow, contents, blank)
    if family is ECP5_FAMILY:
        fill_ecp5(contents, blank, out / netlist_name(family))
    elif family.clock_alone:
        write_clock_alone(blank, out / netlist_name(family), family.clock_buffer)
    blank.unlink()
    return Synthesis(family, *figures_of(family, out), memory_bits)
