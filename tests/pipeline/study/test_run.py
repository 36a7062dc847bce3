from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import flow
from model.base.files import read_json, write_json
from pipeline.step import Settings, Step
from pipeline.study import simulations
from pipeline.study.page import render
from pipeline.study.plots import draw_plots
from pipeline.study.run import Outcome
from pipeline.study.table import OPERATIONS, Row, Table, schema_text
from tests.pipeline.study.studies import TINY, run_here, write_study


def without_seconds(rows: list[Row]) -> list[Row]:
    return [row.model_copy(update={"seconds": 0}) for row in rows]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def first(folder: Path) -> tuple[Outcome, list[str]]:
    return run_here(write_study(folder), folder / "out")


def test_methods_share_their_trainings(first: tuple[Outcome, list[str]]) -> None:
    outcome, titles = first
    assert titles[:2] == ["training for pascal seed 1", "training for pascal seed 2"]
    assert [title for title in titles if title.startswith("training")] == titles[:2]
    assert len({row.training for row in outcome.rows}) == 2
    assert (outcome.made, outcome.found) == (10, 0)


def test_figures_of_the_rows(first: tuple[Outcome, list[str]]) -> None:
    rows = first[0].rows
    keys = [(row.variant, row.time_steps, row.code, row.seed) for row in rows]
    assert keys[:2] == [("pascal", 2, "unary", 1), ("pascal", 2, "unary", 2)]
    for row in rows:
        assert row.images == 40
        assert row.data == {"source": "digits", "train": 1257, "validation": 180, "test": 40}
        assert row.values == 40 * (6 + 5 + 10)
        assert row.exact == (row.method == "pascal")
        assert row.accuracy_ann == row.accuracy_reference
        assert row.failures == []
        assert 0 < row.cycles_max < row.cycles_sum
        assert row.operations == sum(row.counts[name] for name in OPERATIONS) > row.counts["accumulates"]
        assert set(row.energy) == {"integer", "integer_and_memory", "literature"}
    exact = [row for row in rows if row.exact]
    assert all(row.mismatches == 0 and set(row.loss.values()) == {0.0} for row in exact)
    assert all(row.accuracy == row.accuracy_reference for row in exact)
    unary, bits = rows[0], rows[2]
    assert (unary.codes, bits.codes, unary.wire_time_steps) == (["unary"] * 2, ["bits"] * 2, [2, 2])
    assert (unary.accuracy, unary.counts["accumulates"] >= bits.counts["accumulates"]) == (bits.accuracy, True)
    # With direct input the first causal layer is exact where T is the number of levels; later ones need not be.
    assert all(row.loss["hidden1"] == 0 for row in rows if (row.method, row.time_steps) == ("opi", 2))


def test_everything_is_found_again(folder: Path, first: tuple[Outcome, list[str]]) -> None:
    again, titles = run_here(folder / "study.toml", folder / "out")
    assert (again.made, again.found, titles) == (0, 8, [])
    assert again.rows == first[0].rows


def test_only_what_changed_is_done(folder: Path, first: tuple[Outcome, list[str]]) -> None:
    more, titles = run_here(folder / "study.toml", folder / "out", ("study.codes=[unary, bits, count]",))
    assert titles == ["pascal T=2 count seed 1", "pascal T=2 count seed 2"]
    assert [row for row in more.rows if row.code != "count"] == first[0].rows
    # A row that is gone needs no training.
    lost = next((folder / "out" / "rows").glob("*/row.json"))
    lost.unlink()
    again, titles = run_here(folder / "study.toml", folder / "out", ("study.codes=[unary, bits, count]",))
    assert (again.made, len(titles)) == (1, 1)
    assert without_seconds(again.rows) == without_seconds(more.rows)


def test_second_stages_go_on_from_one_first_stage(tmp_path: Path) -> None:
    text = TINY.replace('["pascal", "opi"]', '["dual-phase"]').replace("seeds = [1, 2]", "seeds = [1]")
    text += '\n[fine_tuning]\nepochs = 1\n[[study.variants]]\nname = "clip"\nmethod = "opi"\ntime_steps = [2]\n'
    text += 'set = { "network.activation" = "clip" }\n'
    outcome, titles = run_here(write_study(tmp_path, text), tmp_path / "out", ("conversion.calibration_images=32",))
    trainings = [title for title in titles if title.startswith("training")]
    assert trainings[0] == "training for clip seed 1"
    assert len(trainings) == 3
    folders = [tmp_path / "out" / row.training for row in outcome.rows]
    assert len({(folder / "checkpoint.pt").read_bytes() for folder in folders}) == 1
    assert len({(folder / "fine_tuned.pt").read_bytes() for folder in folders if (folder / "fine_tuned.pt").exists()}) == 2


def test_command_writes_table_pictures_and_page(folder: Path, first: tuple[Outcome, list[str]]) -> None:
    result = CliRunner().invoke(flow.app, ["study", str(folder / "study.toml"), "--out", str(folder / "out")])
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == f"isospike: {folder / 'study.toml'} → {folder / 'out'}"
    assert lines[1:3] == ["8 rows", "0 results made, 8 found"]
    assert lines[-1] == f"PASS {folder / 'out' / 'study.html'}"
    table = read_json(folder / "out" / "study.json")
    assert (table["schema"], table["verdict"], len(table["rows"])) == ("isospike-study-1", "PASS", 8)
    assert [note["time_steps"] for note in table["absent"]] == [[1], []]
    with (folder / "out" / "study.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["accuracy"]) for row in rows] == [row["accuracy"] for row in table["rows"]]
    assert [float(row["accumulates"]) for row in rows] == [row["counts"]["accumulates"] for row in table["rows"]]
    assert rows[0]["codes"] == "unary unary"
    assert rows[-1]["loss"].startswith("hidden1=")
    page = (folder / "out" / "study.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "src=" not in page
    assert page.count("<svg") == 7
    pictures = sorted(path.name for path in (folder / "out" / "plots").iterdir())
    assert pictures == [
        *("accuracy.png", "cycles.png", "energy-integer.png", "energy-integer_and_memory.png", "energy-literature.png"),
        *("loss.png", "operations.png"),
    ]


@pytest.mark.parametrize(
    "network, said", [({"preset": "cnn-small"}, "network cnn-small ·"), ({"layers": [{}, {}, {}]}, "3 layers ·")]
)
def test_the_page_says_what_the_network_is_where_it_is_no_list_of_hidden_layers(
    network: dict[str, Any], said: str, folder: Path, first: tuple[Outcome, list[str]]
) -> None:
    CliRunner().invoke(flow.app, ["study", str(folder / "study.toml"), "--out", str(folder / "out")])
    content = read_json(folder / "out" / "study.json")
    content["configuration"]["network"] = dict.fromkeys(("hidden", "layers", "preset")) | network
    table = Table.model_validate(content)
    assert said in render(table, draw_plots(table))


def test_schema_in_the_documentation_is_that_of_the_table() -> None:
    documented = Path(__file__).parents[3] / "docs" / "study.schema.json"
    assert documented.read_text(encoding="utf-8") == schema_text()
    assert json.loads(schema_text())["title"] == "Table"


def test_exact_method_that_differs_fails_the_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from model.reference import evaluate_reference as evaluate

    def wrong(*arguments: Any) -> Any:
        reference = evaluate(*arguments)
        levels = {name: values.copy() for name, values in reference.levels.items()}
        levels["hidden2"][3, 1] += 1
        return dataclasses.replace(reference, levels=levels)

    monkeypatch.setattr("model.golden.step.evaluate_reference", wrong)
    path = write_study(tmp_path, TINY.replace("seeds = [1, 2]", "seeds = [1]"))
    overrides = ("study.methods=[pascal]", "study.time_steps=[2]", "study.codes=[bits]", "training.epochs=1")
    outcome, _ = run_here(path, tmp_path / "out", overrides)
    (row,) = outcome.rows
    assert row.mismatches == 1
    assert row.failures[0].startswith("reference_vs_golden: image 3 layer hidden2 neuron 1: expected ")
    assert row.loss["hidden2"] == 1 / (40 * 5)
    # A failure is never a finished result.
    monkeypatch.undo()
    again, titles = run_here(path, tmp_path / "out", overrides)
    assert (len(titles), again.rows[0].failures) == (1, [])


def fake(name: str, file: str, figures: dict[str, Any], failures: list[str]) -> Step:
    def run(_settings: Settings, _folders: Mapping[str, Path], out: Path) -> None:
        write_json(out / file, figures)

    return Step(name, "", run, failures=lambda _folder: failures)


@pytest.mark.parametrize("mismatches", [0, 2])
def test_mismatch_of_a_simulation_is_in_the_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mismatches: int) -> None:
    compared = {"values": 100, "mismatches": mismatches}
    sim = {"frames": 9, "rtl_vs_golden": compared, "counters_rtl_vs_golden": {"values": 30, "mismatches": 0}, "checks": []}
    sim |= {"latency_cycles": {"median": 12}, "interval_cycles": {"median": 5}}
    reasons = ["rtl_vs_golden: image 1"] if mismatches else []
    monkeypatch.setattr(simulations, "GOLDEN", fake("golden", "golden.npz", {}, []))
    hls = {"comparison": {"values": 7, "mismatches": 0}, "checks": {}}
    monkeypatch.setattr(simulations, "HLS", fake("hls", "hls.json", hls, []))
    monkeypatch.setattr(simulations, "RTL", fake("rtl", "audit.json", {}, []))
    monkeypatch.setattr(simulations, "SIM", fake("sim", "sim.json", sim, reasons))
    path = write_study(tmp_path, TINY + "\n[study.rtl]\nframes = 9\nseeds = [1]\n")
    overrides = ("study.methods=[pascal]", "study.time_steps=[2]", "study.codes=[bits]", "training.epochs=1")
    outcome, titles = run_here(path, tmp_path / "out", overrides, rtl=True)
    one, two = outcome.rows
    assert titles[-1] == "pascal T=2 bits seed 1 in RTL"
    assert two.simulations is None
    assert one.simulations is not None
    assert (one.simulations.frames, one.simulations.rtl_values, one.simulations.rtl_mismatches) == (9, 100, mismatches)
    assert one.failures == reasons
    again, titles = run_here(path, tmp_path / "out", overrides, rtl=True)
    assert len(titles) == len(reasons)
    assert again.rows == outcome.rows


@pytest.mark.parametrize(
    "arguments, text",
    [
        (("--set", "study.methods=[spiking]"), '--set: study.methods = "spiking": legal is a list of pascal, parallel, opi,'),
        (("--set", "study.methods=[]"), "the study is empty; give study.methods"),
        (("--set", "study.methods=[pascal]", "--set", "study.time_steps=[5]"), "no row of pascal is possible: it was "),
        (("--scheduler", "tcp://127.0.0.1:9", "--workers", "2"), "--workers 2: the workers are those of --scheduler tcp://"),
        (("--scheduler", "tcp://127.0.0.1:9"), "--scheduler tcp://127.0.0.1:9: no scheduler answers there"),
        (("--scheduler", "nonsense://x"), "--scheduler nonsense://x: no scheduler answers there"),
        (("--set", "data.source=mnist"), "--data-dir"),
    ],
)
def test_what_a_person_can_mend_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], text: str
) -> None:
    monkeypatch.setattr("pipeline.campaign.cluster._CONNECT_SECONDS", 1)
    path = write_study(tmp_path)
    result = CliRunner().invoke(flow.app, ["study", str(path), "--out", str(tmp_path / "out"), *arguments])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert text in result.stderr
    assert result.stderr.count("\n") == 1
