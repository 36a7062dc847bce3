from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import flow
from model.base.files import read_json
from model.integer_network import Network, load_network, verify_network, with_proved_widths
from pipeline.explore import tasks
from pipeline.explore.designs import predicted_front, rows_of_designs
from pipeline.explore.run import Outcome
from pipeline.explore.table import Row, schema_text
from tests.pipeline.campaign.inline import Inline
from tests.pipeline.explore.explorations import TINY, run_here, write_exploration

ONE = ("explore.levels=[3]", "explore.code=[bits]", "explore.engine=[event]", "explore.parallelism=[2]")


def without_seconds(rows: list[Row]) -> list[Row]:
    return [row.model_copy(update={"seconds": 0}) for row in rows]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explore")


@pytest.fixture(scope="module")
def first(folder: Path) -> tuple[Outcome, list[str]]:
    return run_here(write_exploration(folder), folder / "out")


def test_points_share_trainings_and_networks(first: tuple[Outcome, list[str]]) -> None:
    outcome, titles = first
    kinds = [title.partition(" ")[0] for title in titles]
    assert {kind: kinds.count(kind) for kind in kinds} == {"training": 2, "network": 3, "prediction": 12}
    assert len({row.training for row in outcome.rows}) == 2
    assert (outcome.made, outcome.found) == (17, 0)


def test_a_core_that_is_there_already_is_absent(first: tuple[Outcome, list[str]]) -> None:
    outcome, _ = first
    # Sixteen lanes are four in a layer of four neurons and ten in the readout, which is what auto gives.
    same = {reason: titles for reason, titles in outcome.absent.reasons.items() if reason.startswith("the same core as ")}
    assert sorted(title for titles in same.values() for title in titles) == [
        "levels=1 code=unary engine=event parallelism=16",
        "levels=3 code=bits engine=event parallelism=16",
        "levels=3 code=unary engine=event parallelism=16",
    ]
    assert len(outcome.rows) == 9


def test_figures_of_the_rows(first: tuple[Outcome, list[str]]) -> None:
    rows = first[0].rows
    assert first[0].data == {"source": "digits", "train": 1257, "validation": 180, "test": 360}
    for row in rows:
        assert (row.values, row.mismatches, row.exact) == (360 * (4 + 10), 0, True)
        assert row.accuracy_ann == row.accuracy_test
        assert (row.measured, row.error, row.not_measured) == (None, None, "--measure none")
        assert 0 < (row.predicted.interval_cycles or 0) < row.predicted.latency_cycles
        assert set(row.predicted.energy) == {"integer", "integer_and_memory", "literature"}
    by_title = {row.title: row for row in rows}
    auto, two, unrolled = (
        by_title[f"levels=3 code=bits engine={engine} parallelism={lanes}"]
        for engine, lanes in (("event", "auto"), ("event", "2"), ("unrolled", "auto"))
    )
    assert (auto.predicted.lanes, two.predicted.lanes) == ([4, 10], [2, 2])
    assert auto.predicted.latency_cycles < two.predicted.latency_cycles
    assert auto.predicted.energy["integer"] == two.predicted.energy["integer"] == unrolled.predicted.energy["integer"]
    assert (unrolled.predicted.port, auto.predicted.port) == ("frame", "stream")


def test_everything_is_found_again(folder: Path, first: tuple[Outcome, list[str]]) -> None:
    again, titles = run_here(folder / "explore.toml", folder / "out")
    assert (again.made, again.found, titles) == (0, 15, [])
    assert again.rows == first[0].rows


def test_only_new_points_are_made(folder: Path, first: tuple[Outcome, list[str]]) -> None:
    more, titles = run_here(folder / "explore.toml", folder / "out", "explore.parallelism=[auto, 2, 16, 3]")
    assert {title.partition(" ")[0] for title in titles} == {"prediction"}
    assert len(titles) == 3
    assert [row for row in more.rows if row.axes["parallelism"] != 3] == first[0].rows


def test_what_was_interrupted_goes_on(folder: Path, first: tuple[Outcome, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    out = folder / "interrupted"
    done: list[str] = []
    submit = Inline.submit

    def stopped(self: Inline, label: Any, title: str, *arguments: Any) -> Any:
        if len(done) == 8:
            raise KeyboardInterrupt
        done.append(title)
        return submit(self, label, title, *arguments)

    monkeypatch.setattr(Inline, "submit", stopped)
    with pytest.raises(KeyboardInterrupt):
        run_here(folder / "explore.toml", out)
    monkeypatch.undo()
    outcome, titles = run_here(folder / "explore.toml", out)
    assert (len(done), len(titles)) == (8, 17 - 8)
    assert not set(done) & set(titles)
    assert without_seconds(outcome.rows) == without_seconds(first[0].rows)


def test_command_writes_table_pictures_and_page(folder: Path, first: tuple[Outcome, list[str]]) -> None:
    arguments = ["explore", str(folder / "explore.toml"), "--out", str(folder / "out"), "--measure", "none"]
    result = CliRunner().invoke(flow.app, arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:3] == [
        f"isospike: {folder / 'explore.toml'} → {folder / 'out'}",
        "12 points, 12 combinations absent",
        "0 results made, 15 found",
    ]
    assert lines[-1] == f"PASS {folder / 'out' / 'explore.html'}"
    table = read_json(folder / "out" / "explore.json")
    assert (table["schema"], table["verdict"], table["front"]["basis"]) == ("isospike-explore-1", "PASS", "predicted")
    assert {design["title"] for design in table["designs"] if design["on_front"]} == predicted_front(first[0].rows)
    with (folder / "out" / "explore.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["predicted_lut"]) for row in rows] == [row["predicted"]["lut"] for row in table["rows"]]
    assert rows[0]["predicted_lanes"] == "4 10"
    page = (folder / "out" / "explore.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "src=" not in page
    assert page.count("<svg") == 2
    assert all(note["reason"] in page for note in table["absent"])
    assert sorted(path.name for path in (folder / "out" / "plots").iterdir()) == ["energy.png", "front.png"]


def test_schema_in_the_documentation_is_that_of_the_table() -> None:
    documented = Path(__file__).parents[3] / "docs" / "explore.schema.json"
    assert documented.read_text(encoding="utf-8") == schema_text()


def test_measured_core_is_equal_and_stands_beside_its_prediction(folder: Path, first: tuple[Outcome, list[str]]) -> None:
    outcome, titles = run_here(folder / "explore.toml", folder / "out", *ONE, measure="all")
    assert titles == ["measurement of engine=event seed 1"]
    (row,) = outcome.rows
    assert row.measured is not None
    assert row.error is not None
    assert (row.measured.rtl_mismatches, row.measured.counters_mismatches, row.measured.checks_failed) == (0, 0, 0)
    assert row.measured.rtl_values > 12 * (4 + 10)
    assert (row.measured.frames, row.failures, row.not_measured) == (12, [], "")
    assert row.error.lut == row.predicted.lut / row.measured.area["lut"] - 1
    assert (row.measured.area["dsp"], row.measured.area["latch"]) == (0, 0)
    again, titles = run_here(folder / "explore.toml", folder / "out", *ONE, measure="front")
    assert (again.rows, titles) == (outcome.rows, [])


def wrong_threshold(path: Path) -> Network:
    """The network, one threshold of it higher by one."""
    network = load_network(path)
    hidden = network.hidden[0]
    threshold = hidden.neuron.threshold.copy()
    threshold[1] += 1
    neuron = dataclasses.replace(hidden.neuron, threshold=threshold)
    layers = (dataclasses.replace(hidden, neuron=neuron), *network.layers[1:])
    return verify_network(with_proved_widths(dataclasses.replace(network, layers=layers)))


def test_core_that_differs_fails_the_command(
    folder: Path, first: tuple[Outcome, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtl.step.load_network", wrong_threshold)

    def connect(*_arguments: Any) -> Any:
        from contextlib import nullcontext

        return nullcontext(Inline())

    monkeypatch.setattr("pipeline.explore.command.connection", connect)
    # Another seed of the simulation: what was measured before is not found.
    overrides = [argument for override in (*ONE, "simulation.seed=2") for argument in ("--set", override)]
    arguments = ["explore", str(folder / "explore.toml"), "--out", str(folder / "out"), "--measure", "all", *overrides]
    result = CliRunner().invoke(flow.app, arguments)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1].startswith(f"FAIL {folder / 'out' / 'explore.html'}: engine=event seed 1: ")
    table = read_json(folder / "out" / "explore.json")
    assert (table["verdict"], table["rows"][0]["measured"]["checks_failed"] > 0) == ("FAIL", True)
    assert any("hidden1" in reason and "expected" in reason for reason in table["failures"])
    # A failure is never a finished result.
    monkeypatch.setattr(tasks, "measure", lambda *_: {"seconds": 0, "failures": ["was looked for again"]})
    again, _ = run_here(folder / "explore.toml", folder / "out", *ONE, "simulation.seed=2", measure="all")
    assert again.rows[0].failures == ["was looked for again"]


def test_what_is_not_measured_says_why(folder: Path, first: tuple[Outcome, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def refused(job: dict[str, Any]) -> dict[str, Any]:
        made.append(job["title"])
        return {"seconds": 0, "failures": ["audit: refused"]}

    monkeypatch.setattr(tasks, "measure", refused)
    limit = int(min(row.predicted.lut for row in first[0].rows)) + 1
    arguments = ("explore.parallelism=[auto, 2]", f"explore.measure_lut={limit}", "simulation.seed=3")
    outcome, _ = run_here(folder / "explore.toml", folder / "out", *arguments, measure="front")
    front = predicted_front(outcome.rows)
    for row in outcome.rows:
        if row.title not in front:
            assert row.not_measured == "not on the predicted front"
        elif row.predicted.lut > limit:
            assert row.not_measured == f"predicted to be larger than explore.measure_lut = {limit}"
        else:
            assert (row.not_measured, row.failures) == ("the core was refused before it was simulated", ["audit: refused"])
    assert len(made) == len([row for row in outcome.rows if row.failures]) >= 1


def test_designs_are_means_over_seeds(folder: Path, first: tuple[Outcome, list[str]]) -> None:
    outcome, _ = run_here(folder / "explore.toml", folder / "out", *ONE, "explore.seeds=[1, 2]")
    groups = rows_of_designs(outcome.rows)
    assert [row.seed for row in groups["engine=event"]] == [1, 2]
    assert predicted_front(outcome.rows) == {"engine=event"}


def test_a_network_that_fails_takes_its_points_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.explore import network

    real = network.make_network

    def failing(config: Any, *arguments: Any) -> list[str]:
        return [*real(config, *arguments), *(["golden: image 3 differs"] if config.conversion.code == "bits" else [])]

    monkeypatch.setattr(network, "make_network", failing)
    text = TINY.replace("levels = [1, 3]", "levels = [3]").replace('"auto", 2, 16', '"auto"').replace("epochs = 2", "epochs = 1")
    outcome, _ = run_here(write_exploration(tmp_path, text), tmp_path / "out")
    assert {row.codes[0] for row in outcome.rows} == {"unary"}
    assert outcome.failures == ["network of code=bits engine=event seed 1: golden: image 3 differs"]
    assert len(outcome.absent.reasons["its network failed: golden: image 3 differs"]) == 2


@pytest.mark.parametrize(
    "arguments, text",
    [
        (("--set", "explore.levels=[99]"), "--set: explore.levels = 99: legal is a list of whole numbers from 1 to 64"),
        (("--scheduler", "tcp://127.0.0.1:9", "--workers", "2"), "--workers 2: the workers are those of --scheduler tcp://"),
        (("--set", "data.source=mnist"), "--data-dir"),
    ],
)
def test_what_a_person_can_mend_is_one_line(tmp_path: Path, arguments: tuple[str, ...], text: str) -> None:
    path = write_exploration(tmp_path)
    result = CliRunner().invoke(flow.app, ["explore", str(path), "--out", str(tmp_path / "out"), *arguments])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert text in result.stderr
    assert result.stderr.count("\n") == 1
