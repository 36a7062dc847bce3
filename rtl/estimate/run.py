"""Running the external programs, with their output in a log and the reason on one line where they fail."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from model.base.errors import UserError
from model.base.tools import Tool


def run_tool(tool: Tool, arguments: Sequence[str], folder: Path, log: Path) -> None:
    """Run a program in a folder.

    Raises:
        UserError: it failed; the text has the first error that it printed and names the log.
    """
    with log.open("w", encoding="utf-8") as stream:
        finished = subprocess.run(
            [*tool.command, *arguments],
            cwd=folder,
            env=tool.full_environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if finished.returncode != 0:
        raise UserError(f"{tool.name} failed: {_reason(log, finished.returncode)} (the log is {log})")


def relative(path: Path, folder: Path) -> str:
    """A path as seen from a folder: WebAssembly builds of the tools hide some absolute paths, but no relative one."""
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()


def _reason(log: Path, status: int) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line.strip() for line in lines if "ERROR" in line]
    return errors[0] if errors else f"exit status {status}"
