from __future__ import annotations

import sys
from pathlib import Path

import pytest

from model.base.errors import UserError
from model.base.tools import REQUIREMENTS, all_tools, at_least, available, find_tool


def program(folder: Path, name: str, version_text: str) -> Path:
    """A program that only tells its version."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!{sys.executable}\nprint({version_text!r})\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.mark.parametrize(
    "version, floor, expected",
    [
        ("5.036", "5.036", True),
        ("5.48.0", "5.036", True),
        ("5.006", "5.036", False),
        ("10", "10.0", True),
        ("0.70.0.post1", "0.70", True),
    ],
)
def test_versions_compare_as_numbers(version: str, floor: str, expected: bool) -> None:
    assert at_least(version, floor) is expected


def test_program_on_the_path_goes_before_the_python_package(only: Path) -> None:
    path = program(only, "yosys", "Yosys 0.71 (git sha1 0123456)")
    tool = find_tool("yosys")
    assert (tool.command, tool.version, tool.origin) == ((str(path),), "0.71", "PATH")


def test_old_program_on_the_path_is_passed_over_with_a_remark(only: Path) -> None:
    path = program(only, "verilator", "Verilator 5.006 2023-01-22 rev (Debian 5.006-3)")
    finding = next(finding for finding in all_tools() if finding.requirement.name == "verilator")
    assert finding.tool is not None
    assert finding.tool.origin == "Python package verilator"
    assert finding.remark == f"{path} is version 5.006, at least 5.036 is needed"


def test_verilator_of_the_python_package_brings_its_environment(only: Path) -> None:
    tool = find_tool("verilator")
    root = Path(tool.command[0]).parents[1]
    assert tool.environment == {"VERILATOR_ROOT": str(root), "PATH": f"{root / 'bin'}:{only}"}
    assert tool.full_environment["PATH"].startswith(str(root))


def test_variable_goes_before_everything(only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(only, "make", "GNU Make 4.3")
    own = program(tmp_path / "own", "make", "GNU Make 4.4.1")
    monkeypatch.setenv("ISOSPIKE_MAKE", str(own))
    tool = find_tool("make")
    assert (tool.command, tool.version, tool.origin) == ((str(own),), "4.4.1", "ISOSPIKE_MAKE")


def test_program_named_by_the_variable_is_never_replaced(only: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(only, "make", "GNU Make 4.3")
    monkeypatch.setenv("ISOSPIKE_MAKE", "/nowhere/make")
    with pytest.raises(UserError) as caught:
        find_tool("make")
    assert str(caught.value) == (
        "make: ISOSPIKE_MAKE=/nowhere/make is not a program; point ISOSPIKE_MAKE at another one or unset it"
    )


def test_old_program_named_by_the_variable_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = program(tmp_path, "old-make", "GNU Make 3.81")
    monkeypatch.setenv("ISOSPIKE_MAKE", str(own))
    with pytest.raises(UserError) as caught:
        find_tool("make")
    assert str(caught.value) == (
        f"make: ISOSPIKE_MAKE={own} is version 3.81, at least 4.0 is needed; point ISOSPIKE_MAKE at another one or unset it"
    )


@pytest.mark.usefixtures("only")
def test_missing_program_tells_what_to_install_or_set() -> None:
    with pytest.raises(UserError) as caught:
        find_tool("g++")
    assert str(caught.value) == "g++: not found; run `apt install g++` (Debian, Ubuntu), or set ISOSPIKE_GXX"


def test_program_without_a_readable_version_is_passed_over(only: Path) -> None:
    path = program(only, "perl", "this is no version")
    with pytest.raises(UserError) as caught:
        find_tool("perl")
    assert str(caught.value) == (
        f"perl: {path} is of an unknown version, at least 5.26 is needed;"
        " run `apt install perl` (Debian, Ubuntu), or set ISOSPIKE_PERL"
    )


@pytest.mark.usefixtures("only")
def test_tools_of_vendors_and_of_peers_are_optional() -> None:
    assert available("vitis_hls") is None
    assert [requirement.name for requirement in REQUIREMENTS if requirement.optional] == ["ghdl", "vitis_hls", "vitis"]


@pytest.mark.parametrize("name", [requirement.name for requirement in REQUIREMENTS if not requirement.optional])
def test_necessary_programs_are_here_and_start(name: str) -> None:
    tool = find_tool(name)
    assert Path(tool.command[0]).exists()
