"""A core as it is: generated, audited, simulated against golden for equality, and synthesised for 7-series."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from model.base.files import write_json
from model.base.tools import find_tool
from model.config.schema import Configuration
from model.data import load_dataset
from model.golden import load_golden
from model.golden.storage import wanted_frames
from model.integer_network import load_network
from pipeline.campaign.steps import RTL, run_step
from rtl.estimate.contents import check_audited
from rtl.estimate.parts import XC7_FAMILY
from rtl.estimate.synthesis import CoreFiles, Synthesis, synthesise
from sim.core import read_core
from sim.plan import standard_runs
from sim.prediction import predicted_cycles
from sim.simulation import Inputs, Outcome, simulate_core
from sim.step import PROTOCOL_FRAMES, keep_logs, summarise

FILE = "measurement.json"
_EQUAL = ("rtl_vs_golden", "counters_rtl_vs_golden")
_NONE_ALLOWED = {"dsp": "DSP blocks", "latch": "latches"}


def measure(config: Configuration, data: Path, network_folder: Path, out: Path) -> list[str]:
    """Generate, simulate and synthesise a core; writes ``measurement.json``.

    Args:
        config: its hardware and simulation sections are read.
        data: folder of the data step, for the test images.
        network_folder: of the network, with ``convert`` and ``golden`` below it.
        out: an empty folder; what is large is removed again where everything passed.

    Returns:
        The checks that failed, the first difference of each.

    Raises:
        UserError: a tool is missing or failed.
    """
    core, area = out / "rtl", out / "xc7"
    failures = run_step(RTL, config, {"fold": network_folder / "convert"}, core)
    if failures:
        return failures
    check_audited(core)
    simulated, failed = _simulate(config, data, network_folder, core, out)
    area.mkdir()
    synthesis = synthesise(CoreFiles.read(core), find_tool("yosys"), XC7_FAMILY, area)
    write_json(out / FILE, simulated | {"area": synthesis.figures})
    failures = [*failed, *_forbidden(synthesis)]
    if not failures:
        _clear(out, synthesis)
    return failures


def _simulate(config: Configuration, data: Path, network_folder: Path, core: Path, out: Path) -> tuple[dict[str, Any], list[str]]:
    """Figures, and the checks that failed."""
    test = load_dataset(data / "dataset.npz").test
    count = wanted_frames(config.simulation.frames, len(test.images))
    golden = network_folder / "golden" / "golden.npz"
    inputs = Inputs(network_folder / "convert" / "network.safetensors", golden, core, test.images[:count])
    runs, seed = standard_runs(config.simulation.gap_percent), config.simulation.seed
    # Workers share the processors among the points, so that each takes one; a hundred frames run sooner than -O1 compiles.
    outcome = simulate_core(inputs, runs, seed=seed, work=out / "work", processes=1, protocol_frames=PROTOCOL_FRAMES, quick=True)
    summary = summarise(outcome, np.asarray(test.labels[:count]))
    network = load_network(inputs.network)
    predicted = predicted_cycles(load_golden(golden).select(slice(0, count)), read_core(core, network), outcome)
    figures = {
        "frames": count,
        **{name: summary[name] for name in ("latency_cycles", "interval_cycles", *_EQUAL)},
        "predicted": predicted,
        "checks": len(outcome.checks),
        "checks_failed": len(outcome.failed),
    }
    if outcome.failed:
        keep_logs(out)
    shutil.rmtree(out / "work")
    return figures, _named(outcome)


def _named(outcome: Outcome) -> list[str]:
    return [f"{check.name}: {check.detail}" for check in outcome.failed]


def _forbidden(synthesis: Synthesis) -> list[str]:
    found = {what: synthesis.figures[name] for name, what in _NONE_ALLOWED.items()}
    return [f"no {what} on 7-series: {number} found; expected none" for what, number in found.items() if number]


def _clear(out: Path, synthesis: Synthesis) -> None:
    """Only figures and the files that they were read from stay: a core of every point would be gigabytes."""
    shutil.rmtree(out / "rtl")
    kept = set(synthesis.files.values())
    for path in (out / "xc7").iterdir():
        if path.name not in kept:
            path.unlink()
