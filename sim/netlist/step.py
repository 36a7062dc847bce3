"""The netlist step: the netlist that was placed against golden, result by result."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from model.base.files import write_json
from model.base.tools import find_tool
from model.config.schema import Configuration
from model.data import load_dataset
from model.golden.storage import wanted_frames
from sim.checks import Check, Group, equal_arrays, verdict
from sim.netlist.verilog import as_verilog
from sim.plan import RANDOM, SPACED, Run
from sim.records import Int64
from sim.runner import verilator
from sim.simulation import Inputs, Outcome, simulate_core
from sim.step import LATENCY_FILE, keep_logs

RESULT_FILE = "netlist.json"
NETLIST_FILE = "ecp5.json"
LATENCY = "latency in cycles"


def run_netlist(config: Configuration, folders: Mapping[str, Path], out: Path) -> None:
    """Simulate the ECP5 netlist and write ``netlist.json``.

    Args:
        config: ``netlist.frames`` says how many of the test images, ``simulation`` the seed and the share of gaps and stalls.
        folders: of the steps data (for the test images), convert (for the integer network), golden, rtl, sim (for the latency of
            every frame in cycles) and estimate (for the netlist).
        out: an empty folder.

    Raises:
        UserError: a missing tool, or a missing or damaged input.
    """
    wanted = config.netlist.frames
    if wanted == "off":
        write_json(out / RESULT_FILE, {"simulated": False})
        return
    test = load_dataset(folders["data"] / "dataset.npz").test
    # Only of so many images the golden simulator kept everything that an expectation is made of.
    frames = min(wanted_frames(wanted, len(test.images)), wanted_frames(config.simulation.frames, len(test.images)))
    network, golden = folders["convert"] / "network.safetensors", folders["golden"] / "golden.npz"
    inputs = Inputs(network, golden, folders["rtl"], test.images[:frames])
    latency = np.load(folders["sim"] / LATENCY_FILE)[:frames]
    summary = simulate_netlist(config, inputs, folders["estimate"] / NETLIST_FILE, latency, out)
    write_json(out / RESULT_FILE, summary)


def simulate_netlist(config: Configuration, inputs: Inputs, netlist: Path, latency: Int64, out: Path) -> dict[str, Any]:
    """Verdict of a netlist, for JSON; after a failure the logs are kept.

    Args:
        config: as in ``run_netlist``.
        inputs: what is simulated, except that the netlist takes the place of the core.
        netlist: JSON of yosys, with the contents of all memories.
        latency: (frames,) cycles of the RTL, of the first images of ``inputs``.
        out: folder of ``netlist.v``, ``work/`` and the logs.

    Raises:
        UserError: a missing tool or file.
    """
    yosys, percent = find_tool("yosys"), config.simulation.gap_percent
    runs = (Run(SPACED, spaced=True), Run(RANDOM, gap_percent=percent, stall_percent=percent))
    verilog = as_verilog(yosys, netlist, out)
    outcome = simulate_core(inputs, runs, seed=config.simulation.seed, work=out / "work", quick=True, netlist=verilog)
    checks = [*outcome.checks, _latency_check(outcome, latency)]
    if any(not check.passed for check in checks):
        keep_logs(out)
    shutil.rmtree(out / "work")
    return {
        "simulated": True,
        "frames": len(inputs.pixels),
        str(Group.NETLIST): verdict(checks, Group.NETLIST).as_dict(),
        "checks": [{"name": check.name, "passed": check.passed, "detail": check.detail} for check in checks],
        "verilator": verilator().version,
    }


def _latency_check(outcome: Outcome, latency: Int64) -> Check:
    """A frame that is alone takes as many cycles in the netlist as in the RTL."""
    spaced = outcome.runs.get(SPACED, [])
    got = np.array([value for process in spaced for value in process["latency"]], dtype=np.int64)
    known = np.full(len(latency), -1, dtype=np.int64)
    known[: len(got)] = got[: len(latency)]
    pairs = [(LATENCY, latency[:, None], known[:, None])]
    return equal_arrays(f"{SPACED}: {LATENCY}", Group.NETLIST, LATENCY, pairs, image_of=np.arange(len(latency)), run=SPACED)
