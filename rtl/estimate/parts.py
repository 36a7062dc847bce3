"""The parts that a core may be placed on, family by family, and what a core lacks on one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rtl.estimate.families import ECP5, ICE40, XC7
from rtl.estimate.netlist import CellCosts
from rtl.estimate.scripts import ECP5_FLOW, ICE40_FLOW, XC7_FLOW, Flow


@dataclass(frozen=True)
class Part:
    """A device: what it has of each figure of a synthesised core, and the options that tell the placer of it."""

    name: str
    capacities: Mapping[str, int]
    options: tuple[str, ...] = ()

    def missing(self, figures: Mapping[str, int | float], names: Mapping[str, str]) -> str:
        """What a core needs more of than there is, e.g. ``312 of 208 DP16KD``; empty where it may fit."""
        return ", ".join(
            f"{figures[figure]:,} of {there:,} {names[figure]}"
            for figure, there in self.capacities.items()
            if figures[figure] > there
        )


@dataclass(frozen=True)
class Family:
    """Devices of the same cells.

    Attributes:
        name: key of its figures in reports.
        title: of the devices in ``parts``.
        flow: how yosys maps to it.
        costs: the primitives and what each is worth; the first figure is that of the tables.
        names: of the figures that a device has only so many of, for messages.
        parts: from the smallest to the largest.
        placer: the program that places and routes; empty where there is none.
        clock_alone: the placer gives every port a pin, so that all but the clock are taken off.
        used_tables: the placer's name for the tables in use.
    """

    name: str
    title: str
    flow: Flow
    costs: CellCosts
    names: Mapping[str, str]
    parts: tuple[Part, ...]
    placer: str = ""
    clock_alone: bool = False
    used_tables: str = ""

    def part(self, name: str) -> Part:
        """The part of that name."""
        return next(part for part in self.parts if part.name == name)

    def smallest(self, figures: Mapping[str, int | float]) -> dict[str, str]:
        """The smallest part with enough of everything, and what the next smaller one lacks; a name is "" where there is none."""
        lacking = [(part.name, part.missing(figures, self.names)) for part in self.parts]
        place = next((place for place, (_, missing) in enumerate(lacking) if not missing), len(lacking))
        smaller, missing = lacking[place - 1] if place else ("", "")
        return {"part": lacking[place][0] if place < len(lacking) else "", "smaller": smaller, "smaller_lacks": missing}


def _artix(name: str, tables: int, blocks: int) -> Part:
    return Part(name, {"lut": tables, "ff": 2 * tables, "bram36": blocks})


def _ecp5(name: str, tables: int, blocks: int) -> Part:
    # Out of context, since the core is a part of a larger design and has more ports than pins.
    return Part(name, {"lut4": tables, "ff": tables, "bram": blocks}, (f"--{name}", "--speed", "6", "--out-of-context"))


def _ice40(name: str, cells: int, blocks: int, package: str) -> Part:
    return Part(name, {"lut4": cells, "ff": cells, "bram": blocks}, (f"--{name}", "--package", package))


_TABLES = {"lut4": "LUT4", "ff": "flip-flops"}
# AMD DS180.
XC7_FAMILY = Family(
    "xc7",
    "Artix-7",
    XC7_FLOW,
    XC7,
    {"lut": "LUT", "ff": "flip-flops", "bram36": "BRAM36"},
    (
        _artix("xc7a12t", 8_000, 20),
        _artix("xc7a15t", 10_400, 25),
        _artix("xc7a25t", 14_600, 45),
        _artix("xc7a35t", 20_800, 50),
        _artix("xc7a50t", 32_600, 75),
        _artix("xc7a75t", 47_200, 105),
        _artix("xc7a100t", 63_400, 135),
        _artix("xc7a200t", 134_600, 365),
    ),
)
# As nextpnr has them; it gives the 12k the die of the 25k.
ECP5_FAMILY = Family(
    "ecp5",
    "ECP5",
    ECP5_FLOW,
    ECP5,
    _TABLES | {"bram": "DP16KD"},
    (_ecp5("12k", 24_288, 56), _ecp5("25k", 24_288, 56), _ecp5("45k", 43_848, 108), _ecp5("85k", 83_640, 208)),
    "nextpnr-ecp5",
    used_tables="TRELLIS_COMB",
)
# A logic cell has a table and a flip-flop; blocks are those of 4 kbit. The 256-kbit memories of the
# up5k come up empty, so they hold no weights.
ICE40_FAMILY = Family(
    "ice40",
    "iCE40",
    ICE40_FLOW,
    ICE40,
    _TABLES | {"bram": "SB_RAM40_4K"},
    (
        _ice40("lp384", 384, 0, "qn32"),
        _ice40("hx1k", 1_280, 16, "tq144"),
        _ice40("u4k", 3_520, 20, "sg48"),
        _ice40("up5k", 5_280, 30, "sg48"),
        _ice40("hx8k", 7_680, 32, "ct256"),
    ),
    "nextpnr-ice40",
    clock_alone=True,
    used_tables="ICESTORM_LC",
)
FAMILIES: Mapping[str, Family] = {family.name: family for family in (XC7_FAMILY, ECP5_FAMILY, ICE40_FAMILY)}
TARGETS: Mapping[str, Family] = {part.name: ICE40_FAMILY for part in ICE40_FAMILY.parts}
"""Devices that ``estimate.targets`` may name beside the ECP5."""
