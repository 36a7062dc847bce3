"""Small study files, run by this process itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.study.grid import grid_of
from pipeline.study.load import load_study
from pipeline.study.run import Outcome, run_study
from tests.pipeline.campaign.inline import Inline

TINY = """
name = "tiny"

[network]
hidden = [6, 5]
levels = 2

[training]
epochs = 2

[study]
methods = ["pascal", "opi"]
time_steps = [1, 2]
codes = ["unary", "bits"]
seeds = [1, 2]
images = 40
"""


def write_study(folder: Path, text: str = TINY, name: str = "study.toml") -> Path:
    """A study file in a folder."""
    path = folder / name
    path.write_text(text)
    return path


def run_here(path: Path, out: Path, overrides: tuple[str, ...] = (), rtl: bool = False) -> tuple[Outcome, list[str]]:
    """A study without workers: its outcome, and the titles of the tasks that ran."""
    inline = Inline()

    @contextmanager
    def connect() -> Iterator[Any]:
        yield inline

    file = load_study(path, overrides)
    outcome = run_study(file, grid_of(file, rtl), out, None, connect, always_connect=False)
    return outcome, inline.titles
