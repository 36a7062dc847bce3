"""Registers behind block memories move into the output registers that ECP5 blocks have, which yosys does not use.

A block shows a word 5.6 ns after the clock, with its output register 1.0 ns after (nextpnr, speed grade 6); the flip-flops
are saved too. The netlist step proves the result equal, cycle by cycle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BLOCK, _FLIP_FLOP = "DP16KD", "TRELLIS_FF"
_HALF_BITS, _WIDE = 18, 36
_ZERO, _ONE = "0", "1"

Cell = dict[str, Any]
Bit = int | str


@dataclass(frozen=True)
class _Reader:
    """Who reads a bit of the netlist: a cell's port, or a port of the module, whose cell is the empty name."""

    cell: str
    port: str


def use_output_registers(design: Mapping[str, Any]) -> int:
    """Move what fits; the design is changed in place.

    A port of a block takes its registers if all that is read of it goes to flip-flops alone, one a bit, that are always enabled,
    never reset, start at zero and share its clock, and if the port itself is always enabled and never reset.

    Args:
        design: the JSON of a flattened netlist of ECP5 cells.

    Returns:
        The number of flip-flops that are in blocks now.
    """
    return sum(_use_in_module(module) for module in design["modules"].values())


def _use_in_module(module: Mapping[str, Any]) -> int:
    cells: dict[str, Cell] = module["cells"]
    readers = _readers(module)
    moved = 0
    for block in [cell for cell in cells.values() if cell["type"] == _BLOCK]:
        for side, halves in _read_ports(block):
            behind = _registers_behind(block, side, halves, cells, readers)
            if not behind:
                continue
            block["parameters"] |= {f"REGMODE_{half}": "OUTREG" for half in halves}
            for output, name in behind.items():
                block["connections"][output] = cells.pop(name)["connections"]["Q"]
            moved += len(behind)
    return moved


def _read_ports(block: Cell) -> list[tuple[str, str]]:
    """The ports that read, each with the sides of its outputs: one of 36 bits has the pins of B and the outputs of both."""
    wide = int(block["parameters"]["DATA_WIDTH_B"], 2) == _WIDE
    return [("B", "AB")] if wide else [("A", "A"), ("B", "B")]


def _readers(module: Mapping[str, Any]) -> dict[Bit, list[_Reader]]:
    """Everything that reads each bit."""
    found: defaultdict[Bit, list[_Reader]] = defaultdict(list)
    for name, cell in module["cells"].items():
        for port, bits in cell["connections"].items():
            if cell["port_directions"][port] != "output":
                for bit in bits:
                    found[bit].append(_Reader(name, port))
    for name, port in module["ports"].items():
        if port["direction"] != "input":
            for bit in port["bits"]:
                found[bit].append(_Reader("", name))
    return found


def _registers_behind(
    block: Cell, side: str, halves: str, cells: Mapping[str, Cell], readers: Mapping[Bit, list[_Reader]]
) -> dict[str, str]:
    """The flip-flop behind each output of a port that is read; empty where one of them cannot move."""
    if not _always_on(block, side, halves):
        return {}
    found: dict[str, str] = {}
    for output in (f"DO{half}{bit}" for half in halves for bit in range(_HALF_BITS)):
        for bit in block["connections"].get(output, []):
            behind = readers.get(bit, [])
            if not behind:
                continue
            if len(behind) != 1 or not _is_plain_register(behind[0], cells, block["connections"][f"CLK{side}"]):
                return {}
            found[output] = behind[0].cell
    return found


def _always_on(block: Cell, side: str, halves: str) -> bool:
    """Whether a port reads in every cycle, so that the output register sees what the flip-flop would."""
    parameters, connections = block["parameters"], block["connections"]
    pins = {f"CE{side}": _ONE, f"OCE{side}": _ONE, **{f"RST{half}": _ZERO for half in halves}}
    pins |= {f"CS{side}{line}": _ZERO for line in range(3)}
    return (
        all(parameters[f"REGMODE_{half}"] == "NOREG" for half in halves)
        and parameters[f"CLK{side}MUX"] == f"CLK{side}"
        and all(connections.get(pin) == [value] for pin, value in pins.items())
    )


def _is_plain_register(reader: _Reader, cells: Mapping[str, Cell], clock: list[Bit]) -> bool:
    if reader.port != "DI" or not reader.cell or cells[reader.cell]["type"] != _FLIP_FLOP:
        return False
    parameters, connections = cells[reader.cell]["parameters"], cells[reader.cell]["connections"]
    return bool(
        parameters["CLKMUX"] == "CLK"
        and parameters["REGSET"] == "RESET"
        # JSON of yosys tells a text of digits from a number by a space behind it.
        and parameters["CEMUX"].strip() == _ONE
        and connections["CLK"] == clock
        and connections.get("LSR", [_ZERO]) == [_ZERO]
    )
