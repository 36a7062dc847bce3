"""Which registers behind a block memory are its own output registers afterwards, and which stay."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from rtl.estimate.output_registers import use_output_registers

CLOCK, OTHER_CLOCK, ENABLE, WORD, READ = 2, 3, 4, 100, 200


def block(width: int = 18, **pins: Any) -> dict[str, Any]:
    """A block memory whose port A is read, of 36 bits its port B; pins by name."""
    connections: dict[str, list[Any]] = {f"DO{side}{bit}": [] for side in "AB" for bit in range(18)}
    for side in "AB":
        connections |= {f"CE{side}": ["1"], f"OCE{side}": ["1"], f"RST{side}": ["0"], f"CLK{side}": [CLOCK]}
        connections |= {f"CS{side}{line}": ["0"] for line in range(3)}
    connections |= {f"DOA{bit}": [WORD + bit] for bit in range(18)}
    if width == 36:
        connections |= {f"DOB{bit}": [WORD + 18 + bit] for bit in range(18)}
    parameters = {"REGMODE_A": "NOREG", "REGMODE_B": "NOREG", "CLKAMUX": "CLKA", "CLKBMUX": "CLKB"}
    parameters |= {"DATA_WIDTH_A": f"{width:032b}", "DATA_WIDTH_B": f"{width:032b}"}
    directions = {port: "output" if port.startswith("DO") else "input" for port in connections}
    return {"type": "DP16KD", "parameters": parameters, "connections": connections | pins, "port_directions": directions}


def register(bit: int) -> dict[str, Any]:
    parameters = {"CEMUX": "1 ", "CLKMUX": "CLK", "GSR": "DISABLED", "LSRMUX": "LSR", "REGSET": "RESET"}
    connections = {"CLK": [CLOCK], "DI": [WORD + bit], "LSR": ["0"], "Q": [READ + bit]}
    directions = {port: "output" if port == "Q" else "input" for port in connections}
    return {"type": "TRELLIS_FF", "parameters": parameters, "connections": connections, "port_directions": directions}


def netlist(width: int = 18, bits: int = 18) -> dict[str, Any]:
    """A block memory and a register behind the lowest bits of it."""
    cells = {"block": block(width), **{f"register_{bit}": register(bit) for bit in range(bits)}}
    ports = {"out": {"direction": "output", "bits": [READ + bit for bit in range(bits)]}}
    return {"modules": {"core": {"cells": cells, "ports": ports}}}


@pytest.mark.parametrize("width, bits, moved", [(18, 18, "A"), (18, 8, "A"), (36, 36, "AB")])
def test_registers_of_all_bits_that_are_read_move(width: int, bits: int, moved: str) -> None:
    design = netlist(width, bits)
    assert use_output_registers(design) == bits
    cells = design["modules"]["core"]["cells"]
    assert list(cells) == ["block"]
    connections, parameters = cells["block"]["connections"], cells["block"]["parameters"]
    outputs = [f"DO{side}{bit}" for side in "AB" for bit in range(18)][:bits]
    assert [connections[output] for output in outputs] == [[READ + bit] for bit in range(bits)]
    assert {side: parameters[f"REGMODE_{side}"] for side in "AB"} == {
        side: "OUTREG" if side in moved else "NOREG" for side in "AB"
    }
    assert use_output_registers(design) == 0


def pin(name: str, value: Any) -> Any:
    return lambda cells, _ports: cells["block"]["connections"].update({name: [value]})


def of_register(section: str, key: str, value: Any) -> Any:
    return lambda cells, _ports: cells["register_7"][section].update({key: value})


STAYS = {
    "the port is not always enabled": pin("CEA", ENABLE),
    "its output register would not be": pin("OCEA", ENABLE),
    "the port is reset": pin("RSTA", ENABLE),
    "the block is selected at times": pin("CSA1", ENABLE),
    "the block acts on the other edge": lambda cells, _ports: cells["block"]["parameters"].update(CLKAMUX="INV"),
    "a register is enabled at times": of_register("parameters", "CEMUX", "CE"),
    "a register acts on the other edge": of_register("parameters", "CLKMUX", "INV"),
    "a register starts at one": of_register("parameters", "REGSET", "SET"),
    "a register has another clock": of_register("connections", "CLK", [OTHER_CLOCK]),
    "a register is reset": of_register("connections", "LSR", [ENABLE]),
    "a register takes the bit by its other input": lambda cells, _ports: (
        cells["register_7"]["connections"].update(M=cells["register_7"]["connections"].pop("DI")),
        cells["register_7"]["port_directions"].update(M="input"),
    ),
    "a table reads a bit": lambda cells, _ports: cells.update(
        table={"type": "LUT4", "parameters": {}, "connections": {"A": [WORD + 7]}, "port_directions": {"A": "input"}}
    ),
    "a bit goes out": lambda _cells, ports: ports.update(word={"direction": "output", "bits": [WORD + 7]}),
    "a bit has no register": lambda cells, ports: (
        cells.pop("register_7"),
        ports.update(word={"direction": "output", "bits": [WORD + 7]}),
    ),
}


@pytest.mark.parametrize("change", STAYS.values(), ids=STAYS)
def test_none_moves_where_one_of_them_would_see_something_else(change: Any) -> None:
    design = netlist()
    change(design["modules"]["core"]["cells"], design["modules"]["core"]["ports"])
    before = copy.deepcopy(design)
    assert use_output_registers(design) == 0
    assert design == before


@pytest.mark.parametrize("name", ["CEB", "OCEB", "RSTA", "RSTB", "CSB0"])
def test_a_port_of_36_bits_is_asked_by_its_reading_side_and_both_resets(name: str) -> None:
    design = netlist(36, 36)
    pin(name, ENABLE)(design["modules"]["core"]["cells"], {})
    assert use_output_registers(design) == 0
    design = netlist(36, 36)
    pin("CEA", ENABLE)(design["modules"]["core"]["cells"], {})
    assert use_output_registers(design) == 36
