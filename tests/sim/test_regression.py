"""The regression: its command, its files, and a real network through every stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from junitparser import JUnitXml

from model.base.files import read_json
from model.compare import Difference
from model.integer_network import Network, NeuronMode
from rtl.core_plan import CorePlan
from rtl.core_settings import CoreSettings
from rtl.generate import generate_core
from sim import regression, regression_case
from sim.checks import Check, Group
from sim.random_cases import case_of_name
from sim.random_networks import RandomCase, random_case
from sim.regression_case import CaseResult, load_case, save_case, try_cases


def test_a_network_passes_every_stage_in_a_folder_named_as_it_is_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (result,) = try_cases([random_case(2, frames=6)], Path("work"))
    assert [check.detail for check in result.failed] == []
    stages = {check.name for check in result.checks}
    assert {"reference_vs_golden", "hls_vs_golden", "lint without a warning", "random: counters of readout"} <= stages
    assert not (tmp_path / "work").exists()


def fails_with_two_neurons(cases: Sequence[RandomCase], folder: Path) -> list[CaseResult]:
    """Stands for stages in which a layer of two or more neurons is wrong."""
    del folder
    results = []
    for case in cases:
        wrong = case.name in ("dense-4", "maps-4") and any(layer.neuron.neurons >= 2 for layer in case.network.layers)
        first = Difference("rtl", 0, "readout", None, 1, 5, 6) if wrong else None
        check = Check("streaming: potentials and class", Group.VALUES, "readout", 1, 10, int(wrong), first=first)
        results.append(CaseResult(case.name, (check,), 0.1))
    return results


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stages that are quick; the processes must be this one, where they stand."""
    monkeypatch.setattr(regression, "try_cases", fails_with_two_neurons)


@pytest.mark.usefixtures("pretended")
def test_a_failure_is_shrunk_saved_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert regression.main(["--dense", "3", "--maps", "0", "--seed", "3", "--jobs", "1", "--out", str(out)]) == 1
    printed = capsys.readouterr().out
    assert "FAIL dense-4: pascal " in printed
    first = "1 of 10 values differ, first rtl: image 0 layer readout neuron 1: expected 5, got 6"
    assert f"  streaming: potentials and class: {first}\n" in printed
    assert "python -m sim.regression --only dense-4\n" in printed
    assert f"FAIL: 2 of 3 networks equal in 30 values; {out}/regression.json" in printed

    small = load_case(out / "failures" / "dense-4")
    assert len(small.network.layers) == 1
    assert small.network.readout.neuron.neurons == 2
    summary = read_json(out / "regression.json")
    assert (summary["networks"], summary["failed"], summary["mismatches"]) == (3, 1, 1)
    assert summary["failures"][0]["repeat"].endswith("failures/dense-4")
    assert JUnitXml.fromfile(str(out / "results.xml")).failures == 1

    assert regression.main(["--case", str(out / "failures" / "dense-4"), "--shrink", "0", "--out", str(out)]) == 1


@pytest.mark.usefixtures("pretended")
def test_networks_of_maps_are_tried_beside_dense_ones_of_the_same_seeds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert regression.main(["--dense", "2", "--maps", "3", "--seed", "3", "--jobs", "1", "--out", str(tmp_path)]) == 1
    summary = read_json(tmp_path / "regression.json")
    assert [case["name"] for case in summary["cases"]] == ["dense-3", "dense-4", "maps-3", "maps-4", "maps-5"]
    assert [failure["name"] for failure in summary["failures"]] == ["dense-4", "maps-4"]
    assert (summary["networks"], summary["maps"], summary["failed"]) == (5, 3, 2)
    assert "python -m sim.regression --only maps-4\n" in capsys.readouterr().out
    small = load_case(tmp_path / "failures" / "maps-4")
    assert (small.name, len(small.network.layers), small.network.readout.neuron.neurons) == ("maps-4", 1, 2)


def test_a_core_of_maps_with_wrong_weights_fails_and_its_folder_repeats_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Compiling the HLS project takes longest, and what is broken is the core.
    monkeypatch.setattr(regression_case, "_hls_checks", lambda cases, *_: [[] for _ in cases])
    monkeypatch.setattr(regression_case, "generate_core", core_of_wrong_weights)
    once = ["--jobs", "1", "--shrink", "0", "--out", str(tmp_path)]
    assert regression.main(["--only", BROKEN, *once]) == 1
    printed = capsys.readouterr().out
    assert f"FAIL {BROKEN}: " in printed
    assert f"python -m sim.regression --only {BROKEN}\n" in printed
    failed = {case.name for suite in JUnitXml.fromfile(str(tmp_path / "results.xml")) for case in suite if not case.is_passed}
    assert "streaming: counters of encoder" in failed
    assert any(name.startswith("streaming: spikes of encoder") for name in failed)
    assert "reference_vs_golden" not in failed

    monkeypatch.undo()
    monkeypatch.setattr(regression_case, "_hls_checks", lambda cases, *_: [[] for _ in cases])
    assert regression.main(["--case", str(tmp_path / "failures" / BROKEN), *once]) == 0


BROKEN = "maps-1004"


def test_a_layer_that_is_read_twice_is_not_blamed_for_its_slower_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regression_case, "_hls_checks", lambda cases, *_: [[] for _ in cases])
    # The first layer goes to the second and, with its spikes of up to 37, to the third, which takes them more slowly.
    assert regression.main(["--only", "maps-1002", "--jobs", "1", "--shrink", "0", "--out", str(tmp_path)]) == 0


def test_causal_maps_with_one_buffer_wait_for_the_scan_of_every_time_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regression_case, "_hls_checks", lambda cases, *_: [[] for _ in cases])
    case = case_of_name("maps-1003")
    # Direct input is scanned in every time step; the layers behind it are charged and scanned in turn.
    assert case.settings.potential_buffers == 1
    assert [layer.neuron.mode for layer in case.network.hidden] == [NeuronMode.CAUSAL] * len(case.network.hidden)
    assert regression.main(["--only", case.name, "--jobs", "1", "--shrink", "0", "--out", str(tmp_path)]) == 0


def core_of_wrong_weights(
    network: Network, lanes: list[int], folder: Path, engines: list[str], settings: CoreSettings
) -> CorePlan:
    """The core of a network whose first convolution has weights of the other sign."""
    layer, *others = network.layers
    group, *more = layer.synapses
    wrong = replace(layer, synapses=(replace(group, weights=-group.weights), *more))
    return generate_core(replace(network, layers=(wrong, *others)), lanes, folder, engines, settings)


@pytest.mark.usefixtures("pretended")
def test_equal_networks_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert regression.main(["--only", "dense-5", "--jobs", "1", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"PASS: 1 of 1 networks equal in 10 values; {tmp_path}/regression.json\n"


def test_a_case_survives_its_folder(tmp_path: Path) -> None:
    case = case_of_name(BROKEN)
    assert case.settings.potential_buffers == 1
    save_case(case, tmp_path)
    loaded = load_case(tmp_path)
    assert (loaded.seed, loaded.lanes, loaded.settings) == (case.seed, case.lanes, case.settings)
    np.testing.assert_array_equal(loaded.pixels, case.pixels)
    assert regression.describe(loaded) == regression.describe(case)


@pytest.mark.parametrize(
    "seed, text",
    [
        (
            7,
            "dual-phase 23(direct 8 bits)-23(train 0..1 T4)-29(train -1..1 leaky T4)-3, lanes 23/6/3, "
            "readout unrolled, 6 levels of logic, 12 frames",
        ),
        (10, "pmsm 64(bits 7 bits)-29(count -8..3)-11(bits -2..2)-2(count -56..14)-10, lanes 14/2/2/7, 12 frames"),
        (13, "pmsm 37(direct 8 bits)-29(train -56..2 T3)-11, lanes 21/10, 12 frames"),
    ],
)
def test_a_case_is_described_in_a_line(seed: int, text: str) -> None:
    assert regression.describe(random_case(seed)) == text


def test_a_case_of_maps_is_described_with_its_windows() -> None:
    assert regression.describe(case_of_name("maps-1004")) == (
        "pascal 1x7x1(unary 1 bits)-4x7x1(unary 0..11 kernel 1x3 stride 1x3 padding 0x1)"
        "-3x4x4(unary 0..8 kernel 4x4 stride 3x1 padding 3x3)-3(count 0..7 largest of 4x1)"
        "-3(unary 0..10 kernel 1x1 stride 2x1 padding 0x0 groups 3)-5, lanes 1/2/3/3/5, 1 buffer, 6 frames"
    )


def test_a_case_that_lacks_something_is_a_mendable_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_case(case_of_name(BROKEN), tmp_path)
    (tmp_path / "case.json").write_text('{"seed": 1004, "lanes": [1, 2, 3, 3, 5]}')
    assert regression.main(["--case", str(tmp_path)]) == 2
    assert (
        capsys.readouterr().err == f"error: {tmp_path / 'case.json'}: no 'potential_buffers'; draw the case again with --only\n"
    )


def test_a_missing_case_is_a_mendable_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert regression.main(["--case", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path / 'none' / 'case.json'}: no such file")
