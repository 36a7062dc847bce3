"""A target that is met by prediction is met by the core: simulated, and synthesised within the model's error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model.base.tools import find_tool
from model.config.target import parse_target
from model.golden import save_golden, simulate
from model.integer_network import save_network
from rtl.audit import audit_core
from rtl.cost.beside import predicted_beside
from rtl.cost.choice import Given
from rtl.cost.choose import Folding, choose
from rtl.estimate.area import figures_of, run_yosys
from rtl.estimate.parts import XC7_FAMILY
from rtl.estimate.synthesis import CoreFiles
from rtl.generate import generate_core
from sim.plan import SPACED, Run
from sim.simulation import Inputs, simulate_core
from tests.rtl.cost.networks import FRAMES, pixels_of, small_network

CYCLES = 90


@pytest.fixture(scope="module")
def folding() -> Folding:
    network, target = small_network(), parse_target(f"cycles={CYCLES}")
    assert target is not None
    return choose(network, pixels_of(network), Given.of(network), target)


@pytest.fixture(scope="module")
def core(folding: Folding, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folded")
    lanes, engines = [choice.lanes for choice in folding.choice], [choice.engine for choice in folding.choice]
    save_network(folding.network, folder / "network.safetensors")
    save_golden(simulate(folding.network, pixels_of(folding.network)), folder / "golden.npz")
    generate_core(folding.network, lanes, folder / "rtl", engine=engines)
    assert audit_core(folder / "rtl", folding.network).passed
    return folder


def test_simulated_core_takes_the_predicted_cycles_and_is_equal_to_golden(folding: Folding, core: Path, tmp_path: Path) -> None:
    inputs = Inputs(core / "network.safetensors", core / "golden.npz", core / "rtl", pixels_of(folding.network))
    runs = (Run(SPACED, spaced=True), Run("streaming"))
    outcome = simulate_core(inputs, runs, seed=1, work=tmp_path, processes=1, quick=True)
    assert [check.name for check in outcome.checks if not check.passed] == []
    latency = [cycles for process in outcome.runs[SPACED] for cycles in process["latency"]]
    assert latency == folding.cycles.latency.tolist()
    assert len(latency) == FRAMES
    assert np.median(latency) <= CYCLES


def test_synthesised_core_is_within_the_error_of_the_model(folding: Folding, core: Path, tmp_path: Path) -> None:
    run_yosys(CoreFiles.read(core / "rtl").design, find_tool("yosys"), XC7_FAMILY.flow, tmp_path)
    measured, _ = figures_of(XC7_FAMILY, tmp_path)
    beside = predicted_beside(core / "network.safetensors", core / "rtl", measured)
    assert beside["lut"]["predicted"] == pytest.approx(folding.cost.lut)
    assert beside["lut"]["measured"] == measured["lut"]
    assert beside["lut"]["error"] == pytest.approx(folding.cost.lut / measured["lut"] - 1)
    assert abs(beside["lut"]["error"]) <= beside["model"]["worst"]
    assert beside["bram36"] == {"predicted": 0, "measured": 0, "error": None}
