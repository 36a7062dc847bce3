"""The environment of the peers, which shares no package with ours: scripts of ``inside/`` run there, files go to and fro."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from model.base.errors import UserError
from model.base.tools import find_tool

INSIDE = Path(__file__).parent / "inside"
_VERSION = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"


class OverLimitError(Exception):
    """A peer that took more time or memory than it was given; the text says how much that was."""


@dataclass(frozen=True)
class Limits:
    """What one run of a peer may take.

    Attributes:
        minutes: processor time of one process, so that what else the machine does decides nothing.
        gibibytes: address space.
    """

    minutes: float
    gibibytes: float

    def __str__(self) -> str:
        return f"{self.minutes:g} minutes of processor time and {self.gibibytes:g} GiB"


@dataclass(frozen=True)
class Environment:
    """Python of the peers' environment."""

    python: Path

    def require(self, package: str) -> str:
        """The version of a package.

        Raises:
            UserError: it is not there.
        """
        way_out = "run `make bench-peers`, which installs bench/peers/requirements.txt into build/peers/venv"
        if not self.python.exists():
            raise UserError(f"{package}: no environment for peers at {self.python.parent.parent}; {way_out}")
        asked = subprocess.run(
            [self.python, "-c", _VERSION, package], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        if asked.returncode != 0:
            raise UserError(f"{package}: not installed in {self.python.parent.parent}; {way_out}")
        return asked.stdout.strip()

    def run(self, script: str, arguments: Sequence[object], log: Path, limits: Limits, more: Mapping[str, str] = {}) -> None:
        """Run a script of ``inside/`` in one thread.

        Raises:
            OverLimitError: it was stopped.
            UserError: it failed; the text has its last line and names the log.
        """
        command = [str(self.python), str(INSIDE / script), *(str(argument) for argument in arguments)]
        one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": ""}
        run_limited(command, log, limits, {**os.environ, **one_thread, **more})


def run_limited(
    command: Sequence[str], log: Path, limits: Limits, environment: Mapping[str, str], folder: Path | None = None
) -> None:
    """Run a program with its output in a log.

    Raises:
        OverLimitError: it was stopped, or ran out of the memory that it was given.
        UserError: it failed.
    """
    with log.open("w", encoding="utf-8") as stream:
        finished = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT,
            check=False, preexec_fn=partial(_limit, limits),
        )  # fmt: skip
    if finished.returncode == -signal.SIGXCPU:
        raise OverLimitError(f"stopped after {limits.minutes:g} minutes of processor time")
    if finished.returncode != 0:
        lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        last = lines[-1] if lines else f"exit status {finished.returncode}"
        if "MemoryError" in last or "bad_alloc" in last or finished.returncode == -signal.SIGKILL:
            raise OverLimitError(f"more than {limits.gibibytes:g} GiB of memory")
        raise UserError(f"{Path(command[1] if len(command) > 1 else command[0]).name} failed: {last} (the log is {log})")


def _limit(limits: Limits) -> None:
    seconds, most = int(limits.minutes * 60), int(limits.gibibytes * 2**30)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 60))
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def verilator_for_peers(folder: Path) -> dict[str, str]:
    """Variables with which a peer starts our Verilator as it expects it.

    That of the Python package prints no version where peers look for one and leaves a variable of its makefiles empty; a
    script of the same name mends the first.
    """
    tool = find_tool("verilator")
    major, minor = (int(number) for number in tool.version.split(".")[:2])
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "verilator"
    script.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && exec echo "Verilator {major}.{minor:03d}"\nexec "{tool.command[0]}" "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    environment = tool.full_environment
    path = os.pathsep.join([str(folder.resolve()), environment.get("PATH", os.defpath)])
    return {**tool.environment, "PATH": path, "MAKEFLAGS": "CFG_CXXFLAGS_PCH_I=-include"}
