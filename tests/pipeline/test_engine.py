from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from model.base.errors import EquivalenceError, UserError
from model.config.schema import Configuration
from pipeline.inputs import differences, inputs_of, keep_what_is_missing
from pipeline.step import Settings
from pipeline.workplace import Workplace
from tests.pipeline.fake_steps import FIRST, Builder

ROOT = Path(__file__).resolve().parents[2]


def configuration(**sections: dict[str, object]) -> Configuration:
    return Configuration.model_validate({"name": "fake", **sections})


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    return Builder(tmp_path)


def test_first_build_runs_every_step_in_order_and_second_runs_none(builder: Builder) -> None:
    first, failure = builder.run()
    assert (first.ran, failure) == ([("first", ""), ("side", ""), ("last", "")], None)
    second, failure = builder.run()
    assert (second.ran, second.skipped, failure) == ([], ["first", "side", "last"], None)


def test_finished_folder_holds_outputs_and_manifest_only(builder: Builder) -> None:
    builder.run()
    assert sorted(path.name for path in builder.build.iterdir()) == [".lock", "copy.json", "first", "last", "side"]
    manifest = json.loads((builder.build / "side" / "manifest.json").read_text())
    assert list(manifest["outputs"]) == ["deep/lanes.json"]
    assert manifest["inputs"]["configuration"] == {
        "hardware.engine": "event",
        "hardware.logic_levels": 3,
        "hardware.parallelism": "auto",
        "hardware.port": "stream",
        "hardware.potential_buffers": 2,
        "hardware.target": "off",
    }
    assert manifest["seconds"] >= 0


@pytest.mark.parametrize(
    "changed, expected",
    [
        ({"training": {"seed": 7}}, [("first", "training.seed was 1 and is 7"), ("last", "the result of first changed")]),
        ({"hardware": {"parallelism": [4, 2]}}, [("side", 'hardware.parallelism was "auto" and is [4, 2]')]),
        ({"simulation": {"seed": 2}}, [("last", "simulation.seed was 1 and is 2")]),
        ({"estimate": {"seeds": [2]}}, []),
    ],
)
def test_changed_key_reruns_exactly_the_steps_that_read_it(
    builder: Builder, changed: dict[str, dict[str, object]], expected: list[tuple[str, str]]
) -> None:
    builder.run()
    recorder, _ = builder.run(configuration(**changed))
    assert recorder.ran == expected


def test_changed_source_code_reruns_its_step_and_an_equal_result_stops_there(builder: Builder) -> None:
    builder.run()
    builder.write_source("changed")
    recorder, _ = builder.run()
    assert recorder.ran == [("first", "the source code in code changed")]


def test_step_sees_undeclared_keys_at_their_defaults(builder: Builder) -> None:
    undeclared = builder.with_step("side", keys=())
    undeclared.run(configuration(hardware={"parallelism": 4}))
    assert json.loads((builder.build / "side" / "deep" / "lanes.json").read_text()) == "auto"


def test_one_step_runs_with_what_it_needs_only(builder: Builder) -> None:
    recorder, _ = builder.run(target="last")
    assert recorder.names == ["first", "last"]


@pytest.mark.parametrize("damage", ["change", "delete"])
def test_damaged_output_is_noticed_and_its_step_runs_again(builder: Builder, damage: str) -> None:
    builder.run()
    output = builder.build / "side" / "deep" / "lanes.json"
    output.write_text("tampered") if damage == "change" else output.unlink()
    recorder, _ = builder.run()
    assert recorder.ran == [("side", f"{output} does not match its manifest")]
    assert json.loads(output.read_text()) == "auto"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"manifest": 99}', '{"manifest": 1, "step": "side"}'])
def test_damaged_manifest_is_noticed_and_its_step_runs_again(builder: Builder, text: str) -> None:
    builder.run()
    manifest = builder.build / "side" / "manifest.json"
    manifest.write_text(text)
    recorder, _ = builder.run()
    assert recorder.ran == [("side", f"{manifest} is damaged")]


def test_missing_manifest_is_noticed(builder: Builder) -> None:
    builder.run()
    manifest = builder.build / "side" / "manifest.json"
    manifest.unlink()
    assert builder.run()[0].ran == [("side", f"{manifest} is missing")]


def test_from_runs_that_step_and_later_ones(builder: Builder) -> None:
    builder.run()
    recorder, _ = builder.run(first="side")
    assert (recorder.ran, recorder.skipped) == ([("side", "--from"), ("last", "--from")], ["first"])


def test_from_with_a_key_of_a_later_step_is_allowed(builder: Builder) -> None:
    builder.run()
    recorder, _ = builder.run(configuration(hardware={"parallelism": [4, 2]}), first="side")
    assert recorder.names == ["side", "last"]


def refusal(builder: Builder, config: Configuration | None = None) -> str:
    with pytest.raises(UserError) as caught:
        builder.run(config, first="last")
    return str(caught.value)


def test_from_is_refused_where_an_earlier_step_has_no_result(builder: Builder) -> None:
    assert refusal(builder) == (
        "--from last: the earlier step first must run first: it has no result yet; use --from first, or leave --from out"
    )


def test_from_is_refused_where_a_key_of_an_earlier_step_changed(builder: Builder) -> None:
    builder.run()
    assert refusal(builder, configuration(hardware={"parallelism": [4, 2]})) == (
        '--from last: the earlier step side must run first: hardware.parallelism was "auto" and is [4, 2];'
        " use --from side, or leave --from out"
    )


def test_from_is_refused_where_an_earlier_output_is_damaged(builder: Builder) -> None:
    builder.run()
    output = builder.build / "first" / "seed.json"
    output.write_text("8")
    assert refusal(builder) == (
        f"--from last: the earlier step first must run first: {output} does not match its manifest;"
        " use --from first, or leave --from out"
    )
    assert output.read_text() == "8"


def test_failed_comparison_ends_the_build_and_is_never_a_result(builder: Builder) -> None:
    builder.run()
    failing = builder.with_step("side", failures=lambda _folder: ["side: expected 1, got 0"])
    recorder, failure = failing.run(configuration(hardware={"parallelism": 3}))
    assert failure is not None
    assert (failure.step, failure.reasons, recorder.skipped) == ("side", ["side: expected 1, got 0"], ["first"])
    assert json.loads((failure.folder / "deep" / "lanes.json").read_text()) == 3
    assert json.loads((builder.build / "side" / "deep" / "lanes.json").read_text()) == "auto"
    assert not (builder.build / "copy.json").exists()
    again, failure = failing.run(configuration(hardware={"parallelism": 3}))
    assert (again.names, failure is None) == (["side"], False)
    passing, failure = builder.run(configuration(hardware={"parallelism": 3}))
    assert (passing.names, passing.skipped, failure) == (["side"], ["first", "last"], None)
    assert not (builder.build / "side.failed").exists()
    assert (builder.build / "copy.json").exists()


def test_raised_difference_is_a_failure(builder: Builder) -> None:
    def differ(_settings: Settings, _folders: Mapping[str, Path], _out: Path) -> None:
        raise EquivalenceError("first: expected 1, got 0")

    _, failure = builder.with_step("first", run=differ).run()
    assert failure is not None
    assert failure.reasons == ["first: expected 1, got 0"]


def interrupted(builder: Builder, resumes: bool) -> Builder:
    """A build whose step ``side`` was interrupted after it had written ``half``; the next run tells what it finds."""

    def interrupt(_settings: Settings, _folders: Mapping[str, Path], out: Path) -> None:
        (out / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        builder.with_step("side", run=interrupt, resumes=resumes).run()

    def tell(_settings: Settings, _folders: Mapping[str, Path], out: Path) -> None:
        (out / "found").write_text(str((out / "half").exists()))

    return builder.with_step("side", run=tell, resumes=resumes)


@pytest.mark.parametrize("resumes", [True, False])
def test_interrupted_step_finds_its_own_files_only_where_it_resumes(builder: Builder, resumes: bool) -> None:
    interrupted(builder, resumes).run()
    assert (builder.build / "side" / "found").read_text() == str(resumes)


def test_interrupted_step_starts_anew_when_its_inputs_changed(builder: Builder) -> None:
    interrupted(builder, resumes=True).run(configuration(hardware={"parallelism": 3}))
    assert (builder.build / "side" / "found").read_text() == "False"


def test_old_result_stays_until_the_new_one_is_whole(builder: Builder) -> None:
    builder.run()
    interrupted(builder.with_step("side", keys=("hardware", "hls")), resumes=False)
    assert json.loads((builder.build / "side" / "deep" / "lanes.json").read_text()) == "auto"


def test_killed_build_goes_on_where_it_stopped(builder: Builder) -> None:
    command = [sys.executable, "-m", "tests.pipeline.fake_steps", str(builder.folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        with pytest.raises(UserError) as caught:
            builder.run()
        process.send_signal(signal.SIGKILL)
    assert str(caught.value) == (
        f"{builder.build}: another build of this name is running; wait for it, or give this one another name with --set name=…"
    )
    assert (builder.build / "side.partial" / "half.txt").exists()
    recorder, _ = builder.run()
    assert (recorder.skipped, recorder.names) == (["first"], ["side", "last"])
    assert not (builder.build / "side" / "half.txt").exists()


def test_run_after_a_kill_works_in_another_folder(builder: Builder) -> None:
    """A simulator that outlived the kill may still write to the first one."""
    interrupted(builder, resumes=False)
    folders: list[Path] = []

    def outlive(_settings: Settings, _folders: Mapping[str, Path], out: Path) -> None:
        folders.append(out)
        (builder.build / "side.partial").mkdir()

    builder.with_step("side", run=outlive).run()
    assert folders == [builder.build / "side.2.partial"]
    builder.run()
    assert not list(builder.build.glob("*.partial*"))


def test_replacement_that_was_interrupted_between_its_renames_is_finished(builder: Builder) -> None:
    builder.run()
    whole = shutil.copytree(builder.build / "side", builder.build / "side.partial")
    assert whole.exists()
    (builder.build / "side").rename(builder.build / "side.replaced")
    assert builder.run()[0].ran == []
    assert not (builder.build / "side.replaced").exists()


def test_replacement_that_was_interrupted_before_its_second_rename_is_undone(builder: Builder) -> None:
    builder.run()
    (builder.build / "side").rename(builder.build / "side.replaced")
    assert builder.run()[0].ran == []


def test_lock_is_released(builder: Builder) -> None:
    builder.run()
    with FileLock(builder.build / ".lock", timeout=0):
        pass


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_is_one_line_and_the_next_run_resumes(builder: Builder, number: int) -> None:
    def fill(_settings: Settings, _folders: Mapping[str, Path], _out: Path) -> None:
        try:
            raise OSError(number, os.strerror(number))
        except OSError as error:
            raise RuntimeError("the archive cannot be written") from error

    with pytest.raises(UserError) as caught:
        builder.with_step("side", run=fill).run()
    assert str(caught.value) == (f"{builder.build}: the disk is full; free some space and run the same command again, it resumes")
    recorder, failure = builder.run()
    assert (recorder.skipped, recorder.names, failure) == (["first"], ["side", "last"], None)


def test_full_disk_under_the_engines_own_files_is_one_line(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_source: object, _target: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UserError, match=r"the disk is full; free some space and run the same command again, it resumes$"):
        builder.run()


def test_folder_that_cannot_be_made_is_one_line(builder: Builder) -> None:
    (builder.folder / "build").write_text("a file where the folder must be")
    with pytest.raises(UserError, match=r"choose a folder you can write to with --build-dir$"):
        builder.run()


def test_full_disk_is_recognised_by_the_words_of_a_program(builder: Builder) -> None:
    told = ["sim: the bench compiles: Vtop__ALL.o: No space left on device"]
    with pytest.raises(UserError, match=r"the disk is full"):
        builder.with_step("side", failures=lambda _folder: told).run()
    workplace = Workplace(builder.build)
    assert workplace.as_disk_full(UserError("a.json: not valid JSON"), "a.json: not valid JSON") is None
    assert workplace.as_disk_full(RuntimeError(), "g++: No space left on device") is not None
    assert workplace.as_disk_full(RuntimeError(), "g++: syntax error") is None


def test_files_from_outside_are_read_again_when_they_change_but_not_because_nobody_names_them(tmp_path: Path) -> None:
    told: dict[str, str | None] = {"--data-dir": "one"}
    step = replace(FIRST, files=lambda _settings: dict(told))
    settings = Settings(Configuration(name="x"))
    before = inputs_of(step, settings, {}, tmp_path)
    told["--data-dir"] = None
    now = inputs_of(step, settings, {}, tmp_path)
    assert differences(before, keep_what_is_missing(now, before)) == []
    told["--data-dir"] = "two"
    now = inputs_of(step, settings, {}, tmp_path)
    assert differences(before, keep_what_is_missing(now, before)) == ["the files in --data-dir changed"]
