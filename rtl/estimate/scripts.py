"""The yosys scripts: one process a family, both settings of the wide lookup tables from one mapped design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

LARGE_MEMORY_ROWS = 512
LARGE_MEMORY_COLUMNS = 128
"""A read-only memory from this size on, 65,536 bits, goes to block memory: in logic it would take a thousand tables."""

NO_COUNTERS: Mapping[str, int] = MappingProxyType({"COUNTERS": 0})
"""Parameters of our core for synthesis: its counters are compiled out."""

_LARGE = f"t:$mem_v2 r:WR_PORTS=0 %i r:SIZE>={LARGE_MEMORY_ROWS} %i r:WIDTH>={LARGE_MEMORY_COLUMNS} %i"


@dataclass(frozen=True)
class Flow:
    """How yosys maps to one family.

    Attributes:
        family: prefix of the files that a run writes.
        command: the synthesis command with its options.
        memories_label: the label of ``command`` at which memories are mapped.
        tables_label: the label at which logic becomes lookup tables, the first one that knows of wide tables.
        block_memories: types of block memory cells.
        netlist: whether the netlist is written, for place and route.
    """

    family: str
    command: str
    memories_label: str
    tables_label: str
    block_memories: tuple[str, ...]
    netlist: bool


XC7_FLOW = Flow(
    "xc7",
    "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf",
    "map_memory",
    "map_luts",
    ("RAMB18E1", "RAMB36E1"),
    netlist=False,
)
ECP5_FLOW = Flow("ecp5", "synth_ecp5", "map_ram", "map_luts", ("DP16KD", "PDPW16KD"), netlist=True)


def elaboration(sources: Sequence[str], top: str, memories: str | None, parameters: Mapping[str, int] = NO_COUNTERS) -> list[str]:
    """Read and elaborate the core with its counters compiled out, and write its memories as they were read.

    Deferred: the default parameters of a module name no memory file, so none may be elaborated with them.

    Args:
        sources: Verilog files, relative to the working directory.
        top: the top level, whose instances and memories are all synthesised.
        memories: the file to write, relative likewise; None: none is written, their contents stay unproved.
        parameters: what parameters of the top level are set to.
    """
    settings = "".join(f" -chparam {name} {value}" for name, value in parameters.items())
    read = [f"read_verilog -defer {' '.join(sources)}", f"hierarchy -check -top {top}{settings}"]
    if memories is None:
        return read
    return [
        *read,
        "design -push-copy",
        "proc -noopt",
        "memory_collect",
        *_write_selected("t:$mem_v2", memories),
        "design -pop",
    ]


def script(
    flow: Flow,
    sources: Sequence[str],
    top: str,
    out: str,
    parameters: Mapping[str, int] = NO_COUNTERS,
    list_memories: bool = True,
) -> str:
    """The whole script of a family.

    The contents of large read-only memories are compared with their files before mapping (contents.py) and then blanked: they
    have no influence on area or timing, but yosys makes a module of its own of every block memory with contents of its own.

    Args:
        flow: the family.
        sources, top, parameters: as in ``elaboration``.
        list_memories: the memories are written as they were read. Off for designs whose memories no file fills: yosys lists those
            of ``initial`` assignments only after it has optimised them.
        out: folder of the results, relative to the working directory (a WebAssembly yosys does not see every absolute path).
    """
    synthesise = f"{flow.command} -top {top}"
    netlist = ["autoname", f'write_json "{out}/{flow.family}.json"'] if flow.netlist else []
    commands = [
        *elaboration(sources, top, f"{out}/{flow.family}_memories.json" if list_memories else None, parameters),
        f"{synthesise} -run begin:{flow.memories_label}",
        *_write_selected(_LARGE, f"{out}/{flow.family}_large.json"),
        f"setparam -set INIT 1'x {_LARGE}",
        f"{synthesise} -run {flow.memories_label}:{flow.tables_label}",
        "design -save mapped",
        f"{synthesise} -run {flow.tables_label}:check",
        *_statistics(f"{out}/{flow.family}_stat.json"),
        *netlist,
        *_write_selected(" ".join(f"t:{kind}" for kind in flow.block_memories), f"{out}/{flow.family}_blocks.json"),
        "design -load mapped",
        f"{synthesise} -nowidelut -run {flow.tables_label}:check",
        *_statistics(f"{out}/{flow.family}_no_wide_stat.json"),
    ]
    return "\n".join(commands) + "\n"


def _write_selected(selection: str, path: str) -> list[str]:
    return [f"select {selection}", f'write_json -selected "{path}"', "select -clear"]


def _statistics(path: str) -> list[str]:
    # What the label check would do beside printing and searching once more: models of cells are no part of the design.
    return ["blackbox =A:whitebox", f'tee -q -o "{path}" stat -json']
