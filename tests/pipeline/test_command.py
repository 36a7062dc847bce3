from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import flow
from model.base.errors import UserError
from pipeline import command
from pipeline.command import ROOT
from pipeline.doctor import pinned_packages
from pipeline.step import Settings
from pipeline.terminal import Terminal
from tests.pipeline.fake_steps import SIDE, Builder

ONES = ("train", "convert", "fold", "golden", "hls", "rtl", "sim", "estimate", "netlist", "report")


class Line:
    """The command line with three fake steps in a folder of its own."""

    def __init__(self, builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
        self._builder = builder
        self._monkeypatch = monkeypatch
        (builder.folder / "own.toml").write_text('name = "own"\n')
        monkeypatch.chdir(builder.folder)
        monkeypatch.setattr(command, "ROOT", builder.folder / "tree3")
        self.use()

    def use(self, **changes: object) -> None:
        """Change the step ``side``."""
        steps = self._builder.with_step("side", **changes).steps if changes else self._builder.steps
        self._monkeypatch.setattr(command, "STEPS", steps)

    def __call__(self, *arguments: str) -> Result:
        """Run ``flow.py build own.toml`` with more arguments."""
        return CliRunner().invoke(flow.app, ["build", "own.toml", *arguments])


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    return Line(Builder(tmp_path), monkeypatch)


def raising(error: BaseException) -> object:
    def run(_settings: Settings, _folders: Mapping[str, Path], _out: Path) -> None:
        raise error

    return run


def test_passing_build_ends_with_pass_and_where_the_report_is(line: Line) -> None:
    result = line()
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "isospike: own.toml → build/own"
    assert lines[1:4] == ["first     the first", "side      beside it", "last      the last"]
    assert [text.split()[:2] for text in lines[5:9]] == [["step", "state"], ["first", "done"], ["side", "done"], ["last", "done"]]
    assert lines[-1] == "PASS build/own/copy.json"


def test_second_build_says_that_nothing_changed(line: Line) -> None:
    line()
    result = line()
    assert result.stdout.splitlines()[1:4] == ["first     unchanged", "side      unchanged", "last      unchanged"]
    assert result.stdout.splitlines()[-1] == "PASS build/own/copy.json"


def test_failing_build_ends_with_fail_and_the_first_difference(line: Line) -> None:
    line.use(failures=lambda _folder: ["side: image 3 layer a neuron 1: expected 1, got 0", "another"])
    result = line()
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines()[-1] == "FAIL build/own/side.failed: side: image 3 layer a neuron 1: expected 1, got 0"
    assert not Path("build/own/last").exists()


def test_error_of_the_user_is_one_line_on_the_error_stream(line: Line) -> None:
    line.use(run=raising(UserError("the thing is wrong; mend it")))
    result = line()
    assert (result.exit_code, result.stderr) == (2, "error: the thing is wrong; mend it\n")
    assert "PASS" not in result.stdout


def test_interruption_is_one_line(line: Line) -> None:
    line.use(run=raising(KeyboardInterrupt()))
    result = line()
    assert (result.exit_code, result.stderr) == (130, "interrupted; the same command goes on where this one stopped\n")


def test_fault_of_the_program_is_not_hidden(line: Line) -> None:
    line.use(run=raising(ZeroDivisionError()))
    assert isinstance(line().exception, ZeroDivisionError)


def test_to_ends_after_that_step(line: Line) -> None:
    assert line("--to", "side").stdout.splitlines()[-1] == "PASS build/own/side"
    assert not Path("build/own/last").exists()


@pytest.mark.parametrize(
    "arguments, text",
    [
        (("--from", "lats"), "--from lats: no such step; legal are first, side, last; did you mean last?"),
        (("--to", "end"), "--to end: no such step; legal are first, side, last"),
        (("--from", "last", "--to", "side"), "--from last: it comes after --to side; legal are first, side"),
        (
            ("--target", "cycles=few"),
            "--target cycles=few: legal are off, balanced, cycles=N, luts=N or device=NAME, with N from 1 to 999999999",
        ),
        (("--set", "name=A"), '--set: name = "A": legal is text that matches ^[a-z0-9][a-z0-9_-]{0,63}$'),
        (
            ("--from", "side"),
            "--from side: the earlier step first must run first: it has no result yet; use --from first, or leave --from out",
        ),
    ],
)
def test_wrong_option_is_one_line(line: Line, arguments: tuple[str, ...], text: str) -> None:
    result = line(*arguments)
    assert (result.exit_code, result.stderr) == (2, f"error: {text}\n")


@pytest.mark.parametrize("target, shown", [("side", True), ("last", False), (None, False)])
def test_checks_are_told_one_by_one_where_their_step_was_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, target: str | None, shown: bool
) -> None:
    step = replace(SIDE, details=lambda _folder: ["pass spikes equal"], summary=lambda _folder: "all equal")
    for tell in (Terminal(target).finished, Terminal(target).unchanged):
        tell(step, 1.0, tmp_path)
        out = capsys.readouterr().out
        assert "all equal" in out
        assert ("          pass spikes equal\n" in out) is shown


def test_build_folder_and_name_can_be_chosen(line: Line) -> None:
    assert line("--build-dir", "elsewhere", "--set", "name=mine").stdout.splitlines()[-1] == "PASS elsewhere/mine/copy.json"


def test_target_sets_the_key_of_the_configuration(line: Line) -> None:
    seen = []

    def remember(settings: Settings, _folders: Mapping[str, Path], out: Path) -> None:
        seen.append(settings.config.hardware)
        (out / "x").touch()

    line.use(run=remember)
    line("--set", "hardware.target=luts=5", "--target", "cycles=100")
    assert [(hardware.target, hardware.engine) for hardware in seen] == [("cycles=100", "auto")]


def test_step_that_another_step_does_not_need_is_no_place_to_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(flow.app, ["sim", "--from", "hls"])
    assert (result.exit_code, result.stderr) == (
        2,
        "error: --from hls: sim does not need it; legal are data, train, convert, fold, golden, rtl, sim\n",
    )


@pytest.mark.parametrize("arguments", [("--images", "0-9"), ("--dump", "spikes.json")])
def test_images_and_dump_belong_together(arguments: tuple[str, str]) -> None:
    result = CliRunner().invoke(flow.app, ["golden", *arguments])
    assert (result.exit_code, result.stderr) == (
        2,
        "error: --images and --dump belong together, e.g. --images 0-9 --dump spikes.json\n",
    )


@pytest.mark.parametrize("name", ["build", *ONES, "doctor"])
def test_every_subcommand_has_help(name: str) -> None:
    result = CliRunner().invoke(flow.app, [name, "--help"])
    assert result.exit_code == 0
    assert ("--data-dir" in result.stdout) is (name != "doctor")


def test_help_and_an_error_of_the_user_load_nothing_heavy() -> None:
    script = (
        "import sys, flow\n"
        "status = flow.app(['build', 'missing.toml'], standalone_mode=False)\n"
        "print(status, sorted({'torch', 'hls4ml', 'matplotlib', 'cocotb', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "2 []\n"
    assert done.stderr.startswith("error: missing.toml: no such configuration")


def test_doctor_finds_everything_that_the_tests_run_with() -> None:
    result = CliRunner().invoke(flow.app, ["doctor"])
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "everything necessary is there")
    assert "verilator" in result.stdout


def test_doctor_says_what_is_missing_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "constraints.txt").write_text("# pinned\nnumpy==0.0.1\nno-such-package==1.0\n")
    result = CliRunner().invoke(flow.app, ["doctor"])
    lines = result.stdout.splitlines()
    assert (result.exit_code, lines[-1]) == (2, "something necessary is missing")
    assert "missing: g++: not found; run `apt install g++` (Debian, Ubuntu), or set ISOSPIKE_GXX" in lines
    assert "missing: no-such-package 1.0 is pinned, none is installed; run `make build`" in lines
    assert any(line.startswith("missing: numpy 0.0.1 is pinned, ") for line in lines)


def test_local_build_of_a_package_is_its_version() -> None:
    torch = next(package for package in pinned_packages(ROOT / "constraints.txt") if package.name == "torch")
    assert torch.good


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["build", "--nope"], "no such option: --nope (Possible options: --to); python flow.py build -h says what is legal"),
        (["buidl"], "no such command 'buidl'. Did you mean 'build'?; python flow.py -h says what is legal"),
        (["build", "--set"], "option '--set' requires an argument; python flow.py -h says what is legal"),
        (
            ["build", "--device", "gpu"],
            "invalid value for '--device': 'gpu' is not one of 'cpu', 'cuda'; python flow.py build -h says what is legal",
        ),
        (["study"], "missing argument 'CONFIG'; python flow.py study -h says what is legal"),
    ],
)
def test_a_command_line_that_cannot_be_read_is_one_line_and_status_2(arguments: list[str], said: str) -> None:
    finished = subprocess.run(
        [sys.executable, str(ROOT / "flow.py"), *arguments], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert (finished.returncode, finished.stdout, finished.stderr) == (2, "", f"error: {said}\n")


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert flow.main([]) == 2
    shown = capsys.readouterr()
    assert ("Usage: flow.py" in shown.out, shown.err) == (True, "")


@pytest.mark.parametrize("given, expected", [({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")])
def test_waiting_threads_sleep_unless_a_person_says_otherwise(given: dict[str, str], expected: str) -> None:
    others = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
    finished = subprocess.run(
        [sys.executable, "-c", "import os, flow; print(os.environ['OMP_WAIT_POLICY'])"],
        cwd=ROOT, env=others | given, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert finished.stdout == f"{expected}\n"
