"""The sim step: its files after a pass and after a failure, and the repetition of the failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from junitparser import JUnitXml

from model.base.files import read_json
from model.config.schema import Configuration, SimulationSection
from model.data import Dataset, Part, save_dataset
from sim import replay
from sim.core import Core
from sim.records import COUNTER_FIELDS
from sim.runner import compile_bench
from sim.step import run_sim
from tests.sim.cores import FRAMES, SEED, SmallCore

CONFIGURATION = Configuration(name="small", simulation=SimulationSection(seed=SEED, gap_percent=40))


@dataclass(frozen=True)
class Build:
    """Folders of the steps before."""

    data: Path
    convert: Path
    golden: Path
    rtl: Path
    out: Path

    def run(self) -> None:
        self.out.mkdir()
        run_sim(CONFIGURATION, self.data, self.convert, self.golden, self.rtl, self.out)


@pytest.fixture
def build(deferred: SmallCore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """A build of the small core up to its simulation, whose bench is compiled already."""
    build = Build(*(tmp_path / name for name in ("data", "convert", "golden", "rtl", "sim.2.partial")))
    for folder, file in ((build.convert, deferred.inputs.network), (build.golden, deferred.inputs.golden)):
        folder.mkdir()
        shutil.copy(file, folder / file.name)
    shutil.copytree(deferred.inputs.core, build.rtl)
    build.data.mkdir()
    part = Part(deferred.pixels[:, :, None], np.arange(FRAMES, dtype=np.uint8) % 3)
    save_dataset(Dataset(part, part, part, 3), build.data / "dataset.npz")
    monkeypatch.setattr("sim.simulation.compile_bench", lambda _, folder, **_more: shutil.copytree(deferred.compiled, folder))
    return build


def once(folder: Path) -> Callable[[Core, Path, bool], None]:
    """Compile a bench with waveforms the first time only."""

    def compile_with_waves(core: Core, target: Path, waves: bool) -> None:
        if not folder.exists():
            compile_bench(core, folder, waves=waves, quick=True)
        shutil.copytree(folder, target, dirs_exist_ok=True)

    return compile_with_waves


def test_a_pass_leaves_verdicts_cycles_and_counts(build: Build) -> None:
    build.run()
    summary = read_json(build.out / "sim.json")
    assert summary["rtl_vs_golden"]["mismatches"] == summary["counters_rtl_vs_golden"]["mismatches"] == 0
    assert summary["rtl_vs_golden"]["frames"] == summary["frames"] == FRAMES
    assert summary["latency_cycles"]["min"] <= summary["latency_cycles"]["median"] <= summary["latency_cycles"]["max"]
    assert set(summary["interval_cycles"]) == {"min", "median", "max"}
    assert set(summary["layer_cycles"]) == set(summary["engine_counts"]) == {"hidden1", "hidden2", "hidden3", "readout"}
    assert all(layer["bound_violations"] == 0 and layer["worst_slack"] >= 0 for layer in summary["layer_cycles"].values())
    assert tuple(summary["engine_counts"]["readout"]) == COUNTER_FIELDS
    for name, groups in summary["weight_counts"].items():
        assert sum(group["row_reads"] for group in groups) == summary["engine_counts"][name]["row_reads"] > 0
    assert (summary["seed"], summary["gap_percent"]) == (SEED, 40)
    labels, classes = np.arange(FRAMES) % 3, np.load(build.golden / "golden.npz")["readout.potentials"].argmax(axis=1)
    assert summary["accuracy"] == np.mean(labels == classes)
    assert all(check["passed"] for check in summary["checks"])
    assert "protocol: reset in mid-frame" in {check["name"] for check in summary["checks"]}

    assert len(summary["checks"]) == JUnitXml.fromfile(str(build.out / "results.xml")).tests
    assert sorted(path.name for path in build.out.iterdir()) == ["latency.npy", "results.xml", "sim.json"]
    latencies = np.load(build.out / "latency.npy")
    assert latencies.size == FRAMES
    assert (latencies.min(), latencies.max()) == (summary["latency_cycles"]["min"], summary["latency_cycles"]["max"])


def test_a_failure_leaves_its_waveform_and_the_command_that_repeats_it(
    build: Build, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "compile_bench", once(tmp_path / "with-waves"))
    memory = build.rtl / "memory" / "hidden1_constants.mem"
    right = memory.read_text()
    lines = right.split()
    memory.write_text("\n".join([f"{int(line, 16) ^ 4:0{len(line)}x}" for line in lines]) + "\n")
    build.run()

    summary = read_json(build.out / "sim.json")
    assert summary["rtl_vs_golden"]["mismatches"] > 0
    image, layer, _ = summary["rtl_vs_golden"]["first"].removeprefix("rtl: ").partition(" layer hidden1")
    assert image.startswith("image ")
    assert layer
    assert JUnitXml.fromfile(str(build.out / "results.xml")).failures > 0
    # The engine keeps the folder of a failed step under another name, which the commands printed already have.
    kept = build.out.with_name("sim.failed")
    build.out.rename(kept)
    shown = os.path.relpath(kept)
    printed = capsys.readouterr().out.splitlines()
    assert printed == [f"  waveform of {image}: {shown}/waves.vcd", f"  repeat it with: python -m sim.replay {shown}"]
    assert (kept / "waves.vcd").read_text().count("link1_valid") >= 1

    assert replay.main([str(kept)]) == 1
    repeated = capsys.readouterr().out
    assert repeated.startswith("was: spaced: spikes of hidden1: ")
    assert "\nnow: spaced: spikes of hidden1: " in repeated
    assert repeated.endswith("FAIL\n")

    memory.write_text(right)
    assert replay.main([str(kept)]) == 0
    assert capsys.readouterr().out.endswith("PASS: the failure is gone\n")


def test_a_folder_without_a_failure_cannot_be_repeated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main([str(tmp_path)]) == 2
    expected = "no such file; give the folder of a failed simulation, such as build/digits/sim.failed"
    assert capsys.readouterr().err == f"error: {tmp_path / 'failure.json'}: {expected}\n"
