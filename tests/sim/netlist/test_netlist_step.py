"""The netlist of a small core against golden, and proof that one changed bit of it is found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.base.files import read_json, write_json
from model.base.tools import find_tool
from model.config.schema import Configuration
from pipeline.outcomes import netlist_failures, netlist_summary
from rtl.estimate.parts import ECP5_FAMILY
from rtl.estimate.synthesis import CoreFiles, synthesise
from sim.netlist.step import run_netlist, simulate_netlist
from sim.plan import SPACED, Run
from sim.records import Int64
from sim.simulation import simulate_core
from tests.sim.cores import FRAMES, SEED, SmallCore

CONFIGURATION = Configuration.model_validate({"name": "small", "simulation": {"seed": SEED, "gap_percent": 40}})


@pytest.fixture(scope="module")
def netlist(deferred: SmallCore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("netlist")
    # A WebAssembly yosys sees relative names alone: the core lies beside its netlist.
    core = shutil.copytree(deferred.inputs.core, folder / "rtl")
    synthesise(CoreFiles.read(core), find_tool("yosys"), ECP5_FAMILY, folder)
    return folder / "ecp5.json"


@pytest.fixture(scope="module")
def latency(deferred: SmallCore, tmp_path_factory: pytest.TempPathFactory) -> Int64:
    """Of the RTL."""
    work = tmp_path_factory.mktemp("latency")
    runs = (Run(SPACED, spaced=True),)
    outcome = simulate_core(deferred.inputs, runs, seed=SEED, work=work, processes=1, compiled=deferred.compiled)
    return np.array(outcome.runs[SPACED][0]["latency"], dtype=np.int64)


def _summary(deferred: SmallCore, netlist: Path, latency: Int64, out: Path) -> dict[str, Any]:
    out.mkdir(exist_ok=True)
    summary = simulate_netlist(CONFIGURATION, deferred.inputs, netlist, latency, out)
    write_json(out / "netlist.json", summary)
    return summary


def test_the_netlist_equals_golden_in_every_result_and_the_rtl_in_every_cycle(
    deferred: SmallCore, netlist: Path, latency: Int64, tmp_path: Path
) -> None:
    summary = _summary(deferred, netlist, latency, tmp_path)
    assert netlist_failures(tmp_path) == []
    classes = deferred.network.readout.neuron.neurons
    # Class and scores, then length, TUSER, stability and values of wrong frames, in two runs, beside the number of packets and of
    # beats that are left over; the latency once.
    assert summary["netlist_vs_golden"]["values"] == 2 * (FRAMES * (1 + classes + 4) + 2 * 2) + FRAMES
    assert netlist_summary(tmp_path).startswith(f"{FRAMES} frames of the ECP5 netlist equal to golden in ")
    assert not (tmp_path / "work").exists()


def test_one_bit_of_a_lookup_table_is_found(deferred: SmallCore, netlist: Path, latency: Int64, tmp_path: Path) -> None:
    design = read_json(netlist)
    module = design["modules"]["isospike_core"]
    lowest = module["ports"]["m_axis_tdata"]["bits"][0]
    table = next(cell for cell in module["cells"].values() if cell["type"] == "LUT4" and cell["connections"]["Z"] == [lowest])
    contents = table["parameters"]["INIT"]
    place = contents.rindex("1")
    table["parameters"]["INIT"] = contents[:place] + "0" + contents[place + 1 :]
    (tmp_path / "changed.json").write_text(json.dumps(design))
    summary = _summary(deferred, tmp_path / "changed.json", latency, tmp_path)
    assert summary["netlist_vs_golden"]["mismatches"] > 0
    first = summary["netlist_vs_golden"]["first"]
    assert first.startswith("netlist: image ")
    assert "expected" in first
    assert netlist_failures(tmp_path)[0].startswith(first)
    assert (tmp_path / "logs").is_dir()


def test_a_cycle_more_than_the_rtl_takes_is_found(deferred: SmallCore, netlist: Path, latency: Int64, tmp_path: Path) -> None:
    summary = _summary(deferred, netlist, latency - (np.arange(FRAMES) == 3), tmp_path)
    failed = [check for check in summary["checks"] if not check["passed"]]
    assert [check["name"] for check in failed] == ["spaced: latency in cycles"]
    expected = int(latency[3]) - 1
    first = f"netlist: image 3 layer latency in cycles neuron 0: expected {expected}, got {expected + 1}"
    assert summary["netlist_vs_golden"]["first"] == first


def test_a_netlist_that_is_not_simulated_says_so(tmp_path: Path) -> None:
    config = Configuration.model_validate({"name": "small", "netlist": {"frames": "off"}})
    run_netlist(config, {}, tmp_path)
    assert netlist_failures(tmp_path) == []
    assert netlist_summary(tmp_path) == "not simulated (netlist.frames is off)"
