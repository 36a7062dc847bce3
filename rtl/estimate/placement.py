"""Place and route with several seeds, and what the JSON reports say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.base.errors import UserError
from model.base.files import read_json, write_json, write_text
from model.base.tools import Tool
from rtl.estimate.parts import Family, Part, constraints_name
from rtl.estimate.run import run_tool

CLOCK = "clk"


@dataclass(frozen=True)
class Placement:
    """Figures of a placed and routed design.

    Attributes:
        seed: what it was placed with.
        report: the file of the figures.
        fmax_mhz: highest clock frequency.
        tables: lookup tables in use, those for carry, memory and constants included.
        critical_path: what limits the clock, see ``_critical_path``.
    """

    seed: int
    report: str
    fmax_mhz: float
    tables: int
    critical_path: dict[str, object]


@dataclass(frozen=True)
class Placements:
    """The same design with several seeds, in the order of their clocks and of equal clocks of their seeds.

    So nothing depends on which run ended first. The median is that of a run, of an even number the lower one in the middle.
    """

    runs: tuple[Placement, ...]

    @classmethod
    def of(cls, runs: Sequence[Placement]) -> Placements:
        """Put runs in order."""
        return cls(tuple(sorted(runs, key=lambda run: (run.fmax_mhz, run.seed))))

    @property
    def median(self) -> Placement:
        """The run in the middle."""
        return self.runs[(len(self.runs) - 1) // 2]

    def figures(self) -> dict[str, tuple[int | float, str]]:
        """Every figure with the file that it stands in."""
        named = {"fmax_mhz": self.median, "fmax_mhz_lowest": self.runs[0], "fmax_mhz_highest": self.runs[-1]}
        clocks: dict[str, tuple[int | float, str]] = {name: (run.fmax_mhz, run.report) for name, run in named.items()}
        return clocks | {"lut4_placed": (self.median.tables, self.median.report)}

    def by_seed(self) -> dict[str, float]:
        """The clock of every seed."""
        return {str(run.seed): run.fmax_mhz for run in sorted(self.runs, key=lambda run: run.seed)}


def report_name(part: Part, seed: int) -> str:
    """The file of nextpnr's report."""
    return f"{part.name}_seed{seed}.json"


def placement_arguments(part: Part, netlist: str, router: str, seed: int | str, report: str) -> list[str]:
    """Arguments of nextpnr."""
    return [
        *part.options, "--timing-allow-fail", "--router", router, "--seed", str(seed), "--json", netlist, "--report", report,
    ]  # fmt: skip


def write_clock_alone(netlist: Path, out: Path, buffer: Sequence[str] = ()) -> None:
    """Write a netlist whose only port is the clock: the others, which lead nowhere or come from nowhere, take no pins.

    Args:
        netlist: with all ports.
        out: the file to write.
        buffer: cell to put behind the port, with the names of its input and its output; none where it is empty.

    Raises:
        UserError: there is no clock.
    """
    design = read_json(netlist)
    tops = [module for module in design["modules"].values() if int(str(module["attributes"].get("top", "0")), 2)]
    if len(tops) != 1 or CLOCK not in tops[0]["ports"]:
        raise UserError(f"{netlist}: no top level with a port {CLOCK}; run the rtl step again")
    tops[0]["ports"] = {CLOCK: tops[0]["ports"][CLOCK]}
    if buffer:
        _put_buffer(tops[0], *buffer)
    write_json(out, design)


def _put_buffer(module: dict[str, Any], cell: str, taken: str, given: str) -> None:
    """The clock's net begins behind the buffer, its port has a net of its own before it."""
    port = module["ports"][CLOCK]
    used = [bit for other in module["cells"].values() for bits in other["connections"].values() for bit in bits]
    pin = max(bit for bit in [*used, *port["bits"]] if isinstance(bit, int)) + 1
    module["cells"][f"{CLOCK}_buffer"] = {
        "hide_name": 0,
        "type": cell,
        "parameters": {},
        "attributes": {},
        "port_directions": {taken: "input", given: "output"},
        "connections": {taken: [pin], given: port["bits"]},
    }
    module["ports"][CLOCK] = port | {"bits": [pin]}
    # A name that stays with the net behind the buffer must not be that of the port.
    names = module.get("netnames", {})
    if CLOCK in names:
        names[f"{CLOCK}_net"] = names.pop(CLOCK)
    names[CLOCK] = {"hide_name": 0, "bits": [pin], "attributes": {}}
    module["netnames"] = names


def place_and_route(tool: Tool, out: Path, family: Family, part: Part, netlist: str, router: str, seed: int) -> Placement:
    """Place and route a netlist that lies in ``out`` and write the report there.

    Raises:
        UserError: nextpnr failed; most often the core is larger than the device.
    """
    report = report_name(part, seed)
    if part.clock_pin:
        write_text(out / constraints_name(part.name), f'IO_LOC "{CLOCK}" {part.clock_pin};\n')
    try:
        arguments = placement_arguments(part, netlist, router, seed, report)
        run_tool(tool, arguments, out, (out / report).with_suffix(".log"))
    except UserError as error:
        raise UserError(
            f"{error}; a core that is too large for an {family.title} {part.name} needs a larger device"
            f" (at most {family.parts[-1].name}), a smaller hardware.parallelism or, with maps, hardware.potential_buffers = 1"
        ) from error
    return read_placement(out / report, family, seed)


def read_placement(path: Path, family: Family, seed: int) -> Placement:
    """Figures of nextpnr's report.

    Raises:
        UserError: a key is absent, or there is not exactly one clock.
    """
    report = read_json(path)
    try:
        clocks = report["fmax"]
        if len(clocks) != 1:
            raise UserError(f"{path}: {len(clocks)} clocks with a frequency; expected one")
        (clock,) = clocks.values()
        paths = [_critical_path(entry) for entry in report["critical_paths"] if _inside_one_clock(entry)]
        if not paths:
            raise UserError(f"{path}: no critical path inside the clock; expected one")
        tables = sum(int(report["utilization"][cell]["used"]) for cell in family.used_tables)
        return Placement(seed, path.name, round(float(clock["achieved"]), 3), tables, paths[0])
    except (KeyError, TypeError) as error:
        raise UserError(f"{path}: no {error}; expected the report of nextpnr 0.11 or a compatible version") from error


def _inside_one_clock(entry: dict[str, Any]) -> bool:
    return bool(entry["from"] == entry["to"]) and str(entry["from"]).startswith("posedge")


def _critical_path(entry: dict[str, Any]) -> dict[str, object]:
    """First and last cell, delay in ns in all and in the wires alone, and the number of cells passed."""
    segments = entry["path"]
    return {
        "from": segments[0]["from"]["cell"],
        "to": segments[-1]["to"]["cell"],
        "ns": round(sum(segment["delay"] for segment in segments), 3),
        "routing_ns": round(sum(segment["delay"] for segment in segments if segment["type"] == "routing"), 3),
        "logic_cells": sum(segment["type"] == "logic" for segment in segments),
    }
