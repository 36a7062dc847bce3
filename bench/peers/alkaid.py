"""Alkaid (LGPL-3.0, called, never copied): RTL of the same integer function, fully unrolled, a frame every cycle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.peers.area import measure_area
from bench.peers.case import Case, Row
from bench.peers.environment import verilator_for_peers
from bench.peers.function import compare
from model.base.errors import EquivalenceError
from model.base.files import read_json
from model.compare import Comparison
from rtl.estimate.scripts import Design

PACKAGES = ("alkaid",)


@dataclass(frozen=True)
class Variant:
    """How the function is written for Alkaid, and how it is cut into stages.

    Attributes:
        form: how the level of a neuron is made of compares, ``binary`` or ``sum``.
        cutoff: latency cut-off of a stage in Alkaid's units.
        remark: what it stands for.
        emulated: whether its Verilog runs in Verilator too; stages differ in their registers alone, and compiling takes minutes.
    """

    form: str
    cutoff: float
    remark: str
    emulated: bool = False

    @property
    def name(self) -> str:
        """For a folder and a row."""
        return f"{self.form}-{self.cutoff:g}"


VARIANTS = (
    Variant("binary", 5, "default cut-off of `alkaid convert`", emulated=True),
    Variant("binary", 1000, "one stage between two registers: the fewest flip-flops"),
    Variant("sum", 5, "default cut-off; one compare a level, added"),
)


def measure(case: Case) -> list[Row]:
    """Rows of every variant.

    Raises:
        UserError: the package or a tool is missing.
        EquivalenceError: a value differs from the golden simulation.
        OverLimitError: the tracing took more than it was given.
    """
    case.environment.require(PACKAGES[0])
    return [_measure(case, variant) for variant in VARIANTS]


def _measure(case: Case, variant: Variant) -> Row:
    out = case.folder("alkaid") / variant.name
    out.mkdir(parents=True, exist_ok=True)
    arguments = [case.out / "function.npz", case.out / "frames.npz", out, variant.form, variant.cutoff, int(variant.emulated)]
    shim = verilator_for_peers(case.folder("alkaid") / "verilator")
    case.environment.run("alkaid_rtl.py", arguments, out / "alkaid.log", case.limits, shim)
    figures = read_json(out / "alkaid.json")
    verdict = equality(case, out / "values.npz", figures, variant.emulated)
    rtl = out / "rtl"
    sources = sorted(path.relative_to(rtl).as_posix() for path in (rtl / "src").rglob("*.v") if "_wrapper" not in path.name)
    return case.row(
        f"Alkaid {figures['versions']['alkaid']}, {variant.name}",
        equality=verdict.as_dict() | {"stage": verdict.stage},
        area=measure_area(Design(rtl, "peer", sources, {}, list_memories=False), out / "area"),
        interval_cycles=dict.fromkeys(("min", "median", "max"), figures["interval"]),
        latency_cycles=dict.fromkeys(("min", "median", "max"), figures["latency"]),
        processor_seconds=figures["processor_seconds"],
        settings=figures["settings"],
        sources={"interval_cycles": "alkaid.json", "latency_cycles": "alkaid.json", "equality": "values.npz"},
        folder=str(out),
        versions=figures["versions"],
        remark=f"{variant.remark}; parallel ports of all pixels and scores, no argmax",
    )


def equality(case: Case, values: Path, figures: dict[str, Any], emulated: bool) -> Comparison:
    """Levels and scores of its interpreter and, where emulated, scores of its Verilog in Verilator, against golden.

    Raises:
        EquivalenceError: one differs, or is no integer.
    """
    golden = case.golden()
    with np.load(values) as archive:
        got = {name: archive[f"interpreter{index}"] for index, name in enumerate(golden)}
        if emulated:
            got["Verilog"] = archive["verilog"]
    scores = golden[case.network.readout.name]
    stage = "Alkaid's interpreter and its Verilog in Verilator" if emulated else "Alkaid's interpreter"
    verdict = compare(stage, golden | {"Verilog": scores}, got)
    if not verdict.equal or not figures["integers"]:
        raise EquivalenceError(f"{case.name}: {verdict.first or 'Alkaid gave values that are no integers'}")
    return verdict
