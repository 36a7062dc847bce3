"""Synthesis of a core for one family: figures from yosys' JSON, after the proof that the memories' contents are in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from model.base.files import read_json, write_json
from model.base.tools import Tool
from rtl.estimate.area import Figures, figures_of, flags_of, run_yosys
from rtl.estimate.blocks import check_blocks, fill_ecp5
from rtl.estimate.contents import check_loaded
from rtl.estimate.output_registers import use_output_registers
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
    """What yosys said about one family.

    Attributes:
        family: which one.
        figures: its area.
        files: the file of each figure.
        memory_bits: that were found in the netlist.
        block_registers: flip-flops among the figures that are output registers of block memories in the netlist.
    """

    family: Family
    figures: Figures
    files: dict[str, str]
    memory_bits: int
    block_registers: int

    @property
    def flags(self) -> dict[str, str]:
        """The synthesis commands and what becomes of the netlist behind them, by a name that says what for."""
        moved = f"{self.block_registers} of the flip-flops are output registers of block memories (REGMODE OUTREG)"
        return flags_of(self.family.flow) | ({f"netlist {self.family.name}": moved} if self.block_registers else {})


def netlist_name(family: Family) -> str:
    """The file of the netlist that is placed."""
    return f"{family.name}.json"


def write_ecp5(contents: Path, blank: Path, netlist: Path) -> int:
    """Write the netlist that is placed and simulated: with the contents of its block memories, whose output registers it uses.

    Args:
        contents: the memories as yosys chose them.
        blank: the netlist that yosys wrote, without contents.
        netlist: the file to write.

    Returns:
        The number of flip-flops that are in block memories now.

    Raises:
        UserError: a memory has no contents of its size.
    """
    design = read_json(blank)
    fill_ecp5(contents, design)
    moved = use_output_registers(design)
    write_json(netlist, design)
    return moved


def synthesise(core: CoreFiles, yosys: Tool, family: Family, out: Path) -> Synthesis:
    """Run yosys, prove the contents and count; a family that is placed leaves its netlist in ``out``.

    Raises:
        UserError: yosys failed, a figure is missing, or a memory's contents are not in the netlist.
    """
    flow = family.flow
    moved = 0
    run_yosys(core.design, yosys, flow, out)
    memory_bits = check_loaded(core.design.folder, core.memories, out / f"{flow.family}_memories.json")
    contents, blank = out / f"{flow.family}_contents.json", out / f"{flow.family}_blank.json"
    check_blocks(flow, contents, blank)
    if family is ECP5_FAMILY:
        moved = write_ecp5(contents, blank, out / netlist_name(family))
    elif family.clock_alone:
        write_clock_alone(blank, out / netlist_name(family), family.clock_buffer)
    blank.unlink()
    return Synthesis(family, *figures_of(family, out), memory_bits, moved)
