"""One core measured: cycles of every frame in Verilator, equal to golden in every value, and the area by yosys."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from bench.growth.cases import CLASSES, Case, network_of, pixels_of
from model.base.errors import UserError
from model.base.files import read_json, write_json
from model.base.tools import find_tool
from model.config.schema import Configuration
from model.golden import save_golden, simulate
from model.golden.frames import events_of_frames
from model.integer_network import save_network
from pipeline.campaign.steps import RTL, SIM, inputs, together
from pipeline.campaign.store import Store
from rtl.audit import audit_core
from rtl.core_plan import plan_core
from rtl.cost.area import predict_area
from rtl.cycles import predict_core_cycles
from rtl.estimate.parts import XC7_FAMILY
from rtl.estimate.synthesis import CoreFiles, synthesise
from rtl.generate import generate_core
from sim.plan import SPACED, STREAMING, Run
from sim.simulation import Inputs, simulate_core

FILE = "core.json"
_RUNS = (Run(SPACED, spaced=True), Run(STREAMING))
_CORE = together(
    "core",
    (RTL, SIM),
    (),
    sources=("rtl/estimate", "bench/growth/cases.py", "bench/growth/measure.py"),
    tools=("yosys",),
)


def measured(store: Store, case: Case, seed: int) -> dict[str, Any]:
    """Figures of a core, found or measured.

    Raises:
        UserError: it is not equal to golden, or a tool is missing or failed.
    """
    own = inputs(_CORE, Configuration(name="growth"))
    own = {**own, "configuration": {**own["configuration"], "case": case.as_dict(), "seed": seed}}

    def action(partial: Path) -> list[str]:
        return _measure(case, seed, partial)

    folder, failures = store.bring("cores", own, action)
    if failures:
        raise UserError(f"{folder}: {failures[0]}")
    return dict(read_json(folder / FILE))


def predicted(case: Case, seed: int) -> dict[str, float]:
    """What the models say of the same core."""
    network = network_of(case, seed)
    plan = plan_core(network, [case.lanes, CLASSES])
    cycles = predict_core_cycles(simulate(network, pixels_of(case, seed)), plan, {})
    return {
        "lut": predict_area(network, plan).lut,
        "latency": float(np.median(cycles.latency)),
        "interval": float(np.median(cycles.interval)),
    }


def _measure(case: Case, seed: int, out: Path) -> list[str]:
    network, pixels = network_of(case, seed), pixels_of(case, seed)
    golden = simulate(network, pixels)
    save_network(network, out / "network.safetensors")
    save_golden(golden, out / "golden.npz")
    core = out / "core"
    generate_core(network, [case.lanes, CLASSES], core)
    audit = audit_core(core, network)
    if not audit.passed:
        return [f"audit: failed: {audit.as_dict()}"]
    sources = Inputs(out / "network.safetensors", out / "golden.npz", core, pixels)
    outcome = simulate_core(sources, _RUNS, seed=seed, work=out / "work", processes=1, layers_may_be_silent=True, quick=True)
    failures = [f"{check.name}: {check.detail}" for check in outcome.failed]
    if failures:
        return failures
    (out / "xc7").mkdir()
    figures = synthesise(CoreFiles.read(core), find_tool("yosys"), XC7_FAMILY, out / "xc7").figures
    links = (golden.input_spikes, golden.layers["hidden1"].spikes)
    write_json(
        out / FILE,
        {
            "events": [int(count) for count in np.sum([events_of_frames(spikes) for spikes in links], axis=0)],
            "latency": [int(value) for process in outcome.runs[SPACED] for value in process["latency"]],
            "interval": [int(value) for process in outcome.runs[STREAMING] for value in process["interval"]],
            "area": figures,
        },
    )
    for folder in ("core", "work"):
        shutil.rmtree(out / folder)
    return []
