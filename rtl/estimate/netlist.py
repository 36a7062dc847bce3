"""What yosys writes as JSON: cell counts of a mapped design, and the memories of an elaborated one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.base.errors import UserError
from model.base.files import read_json

_IGNORED = frozenset({"$scopeinfo"})
"""Cells without hardware: the names of modules that were flattened."""


@dataclass(frozen=True)
class CellCosts:
    """The primitives of a family and what each is worth; a primitive that is not in the table is an error, never 0.

    Attributes:
        family: name for messages.
        figures: for each figure the amount that one cell of a type adds to it.
        free: cell types that add to none of the figures.
    """

    family: str
    figures: Mapping[str, Mapping[str, float]]
    free: frozenset[str] = frozenset()

    def count(self, cells: Mapping[str, int], file: str) -> dict[str, int | float]:
        """Every figure of a netlist.

        Raises:
            UserError: a cell type is in no row of the table.
        """
        known = self.free.union(*self.figures.values())
        for kind in cells.keys() - known - _IGNORED:
            raise UserError(
                f"{file}: {cells[kind]} cells of type {kind}, whose size on {self.family} is not known;"
                " add it to the tables in rtl/estimate/families.py"
            )
        totals: dict[str, int | float] = {}
        for figure, costs in self.figures.items():
            total = sum(costs[kind] * number for kind, number in cells.items() if kind in costs)
            totals[figure] = int(total) if total == int(total) and figure != "bram36" else float(total)
        return totals


def cell_counts(path: Path) -> dict[str, int]:
    """Number of cells by type of a flattened design, from yosys' ``stat -json``.

    Raises:
        UserError: a key is absent or the design is empty.
    """
    statistics = read_json(path)
    try:
        cells: dict[str, int] = statistics["design"]["num_cells_by_type"]
        total = statistics["design"]["num_cells"]
    except (KeyError, TypeError) as error:
        raise UserError(f"{path}: no {error} in the statistics; expected those of yosys 0.70 or a compatible version") from error
    if not cells or total != sum(cells.values()):
        raise UserError(f"{path}: {total} cells in all, {sum(cells.values())} by type; expected a flattened design with cells")
    return cells


@dataclass(frozen=True)
class NetlistMemory:
    """A read-only memory as yosys holds it before any optimisation.

    Attributes:
        cell: module and name.
        parameters: text parameters of its module, among them the memory file's name.
        words: contents, word by word, most significant bit first; ``x`` where nothing was loaded.
    """

    cell: str
    parameters: tuple[str, ...]
    words: tuple[str, ...]


def read_only_memories(path: Path) -> list[NetlistMemory]:
    """Memories without a write port in a design that ``write_json`` wrote after ``memory_collect``.

    Raises:
        UserError: a key is absent.
    """
    design = read_json(path)
    try:
        return [
            _memory(f"{name}.{cell}", module, description["parameters"])
            for name, module in design["modules"].items()
            for cell, description in module["cells"].items()
            if description["type"] == "$mem_v2" and _number(description["parameters"]["WR_PORTS"]) == 0
        ]
    except (KeyError, TypeError) as error:
        raise UserError(f"{path}: no {error} in a memory; expected the JSON of yosys 0.70 or a compatible version") from error


def cells_of(path: Path) -> dict[str, dict[str, Any]]:
    """All cells by name in a flattened design that ``write_json`` wrote."""
    return {name: cell for module in read_json(path)["modules"].values() for name, cell in module["cells"].items()}


def _memory(cell: str, module: dict[str, Any], parameters: dict[str, str]) -> NetlistMemory:
    size, width, contents = _number(parameters["SIZE"]), _number(parameters["WIDTH"]), parameters["INIT"]
    words = tuple(contents[len(contents) - (word + 1) * width : len(contents) - word * width] for word in range(size))
    return NetlistMemory(cell, tuple(module.get("parameter_default_values", {}).values()), words)


def _number(bits: str) -> int:
    return int(bits, 2)
