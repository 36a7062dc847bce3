"""The yosys scripts: one process a family, both settings of the wide lookup tables from one mapped design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Flow:
    """How yosys maps to one family.

    Attributes:
        family: prefix of the files that a run writes.
        command: the synthesis command with its options.
        memories_label: the label of ``command`` at which memories are mapped.
        choose_memories: what that label does first, up to where every memory has its primitives and its contents.
        generic_blocks: types of block memory as they are then called.
        make_memories: what that label does afterwards.
        blocks: types of block memory that it makes.
        registers_label: the label behind it.
        tables_label: the label at which logic becomes lookup tables, the first one that knows of wide tables.
        netlist: whether the netlist is written, for place and route.
        wide: whether the family joins tables into wider ones, so that it is mapped with and without.
    """

    family: str
    command: str
    memories_label: str
    choose_memories: str
    generic_blocks: tuple[str, ...]
    make_memories: tuple[str, ...]
    blocks: tuple[str, ...]
    registers_label: str = "map_ffram"
    tables_label: str = "map_luts"
    netlist: bool = True
    wide: bool = True


# The commands of the label are those of yosys 0.70, which lists them with ``help synth_...`` (for 7-series in its source).
XC7_FLOW = Flow(
    "xc7",
    "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf",
    "map_memory",
    "memory_libmap -logic-cost-rom 0.015625 -lib +/xilinx/lutrams_xc5v.txt -lib +/xilinx/brams_xc4v.txt"
    " -D HAS_SIZE_36 -D HAS_CASCADE -D HAS_CONFLICT_BUG -D HAS_MIXWIDTH_SDP",
    ("$__XILINX_BLOCKRAM_TDP_", "$__XILINX_BLOCKRAM_SDP_"),
    ("techmap -map +/xilinx/lutrams_xc5v_map.v", "techmap -map +/xilinx/brams_xc6v_map.v"),
    ("RAMB18E1", "RAMB36E1"),
    netlist=False,
)
ECP5_FLOW = Flow(
    "ecp5",
    "synth_ecp5",
    "map_ram",
    "memory_libmap -lib +/lattice/lutrams_trellis.txt -lib +/lattice/brams_16kd.txt",
    ("$__DP16KD_", "$__PDPW16KD_"),
    ("techmap -map +/lattice/lutrams_map_trellis.v -map +/lattice/brams_map_16kd.v",),
    ("DP16KD",),
)


ICE40_FLOW = Flow(
    "ice40",
    "synth_ice40",
    "map_ram",
    "memory_libmap -lib +/ice40/brams.txt -lib +/ice40/spram.txt -no-auto-huge",
    ("$__ICE40_RAM4K_",),
    ("techmap -map +/ice40/brams_map.v -map +/ice40/spram_map.v", "ice40_braminit"),
    ("SB_RAM40_4K", "SB_RAM40_4KNR", "SB_RAM40_4KNW", "SB_RAM40_4KNRNW"),
    wide=False,
)
# Without -noiopads every port of the core would get a pin.
GOWIN_FLOW = Flow(
    "gowin",
    "synth_gowin -family gw1n -noiopads",
    "map_ram",
    "memory_libmap -lib +/gowin/lutrams.txt -lib +/gowin/brams.txt",
    ("$__GOWIN_SP_", "$__GOWIN_DP_", "$__GOWIN_SDP_"),
    ("techmap -map +/gowin/lutrams_map.v -map +/gowin/brams_map.v",),
    ("SP", "SPX9", "DPB", "DPX9B", "SDPB", "SDPX9B"),
)


@dataclass(frozen=True)
class Design:
    """Verilog to synthesise.

    Attributes:
        folder: the working directory of yosys.
        top: the top level, whose instances and memories are all synthesised.
        sources: files, relative to ``folder``.
        parameters: what parameters of the top level are set to.
        list_memories: memories are written as they were read, to be compared with the files that fill them.
    """

    folder: Path
    top: str
    sources: Sequence[str]
    parameters: Mapping[str, int] = field(default_factory=dict)
    list_memories: bool = True


def elaboration(design: Design, memories: str) -> list[str]:
    """Read and elaborate a design, and write its memories as they were read.

    Deferred: the default parameters of a module of ours name no memory file, so none may be elaborated with them.

    Args:
        design: what to read.
        memories: the file to write, relative to the working directory.
    """
    parameters = "".join(f" -chparam {name} {value}" for name, value in design.parameters.items())
    commands = [f"read_verilog -defer {' '.join(design.sources)}", f"hierarchy -check -top {design.top}{parameters}"]
    if not design.list_memories:
        return commands
    written = _write_selected("t:$mem_v2", memories)
    return [*commands, "design -push-copy", "proc -noopt", "memory_collect", *written, "design -pop"]


def script(flow: Flow, design: Design, out: str) -> str:
    """The whole script of a family.

    The contents of block memories are written to a file and taken out of the design for the rest of the way: they have no
    influence on area or timing, but yosys makes a module of its own of every block with contents of its own. What became logic
    or distributed memory keeps its contents. They are put back where a netlist is written (blocks.py).

    Args:
        flow: the family.
        design: what to synthesise.
        out: folder of the results, relative to the working directory (a WebAssembly yosys does not see every absolute path).
    """
    synthesise = f"{flow.command} -top {design.top}"
    blocks = _types(flow.generic_blocks)
    commands = [
        *elaboration(design, f"{out}/{flow.family}_memories.json"),
        f"{synthesise} -run begin:{flow.memories_label}",
        flow.choose_memories,
        *_write_selected(blocks, f"{out}/{flow.family}_contents.json"),
        f"setparam -unset INIT {blocks}",
        *flow.make_memories,
        f"{synthesise} -run {flow.registers_label}:{flow.tables_label}",
        *(["design -save mapped"] if flow.wide else []),
        f"{synthesise} -run {flow.tables_label}:check",
        *_statistics(f"{out}/{flow.family}_stat.json"),
        *_mapped(flow, f"{out}/{flow.family}_blank.json"),
    ]
    if flow.wide:
        commands += [
            "design -load mapped",
            f"{synthesise} -nowidelut -run {flow.tables_label}:check",
            *_statistics(f"{out}/{flow.family}_no_wide_stat.json"),
        ]
    return "\n".join(commands) + "\n"


def _types(names: Sequence[str]) -> str:
    return " ".join(f"t:{name}" for name in names)


def _mapped(flow: Flow, path: str) -> list[str]:
    """Write the netlist, or of a family that is not placed its block memories."""
    return ["autoname", f'write_json "{path}"'] if flow.netlist else _write_selected(_types(flow.blocks), path)


def _write_selected(selection: str, path: str) -> list[str]:
    return [f"select {selection}", f'write_json -selected "{path}"', "select -clear"]


def _statistics(path: str) -> list[str]:
    # What the label check would do beside printing and searching once more: models of cells are no part of the design.
    return ["blackbox =A:whitebox", f'tee -q -o "{path}" stat -json']
