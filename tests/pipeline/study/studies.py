"""Small study files, and workers that are this process itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from pipeline.study.grid import grid_of
from pipeline.study.load import load_study
from pipeline.study.run import Outcome, run_study

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


class Inline:
    """Executes tasks here and at once, in the order in which they come."""

    address = None

    def __init__(self) -> None:
        self.titles: list[str] = []
        self._results: list[tuple[Any, Any]] = []

    def submit(self, label: Any, title: str, function: str, job: dict[str, Any], after: Any = None) -> Any:
        """Run it."""
        self.titles.append(title)
        module, _, name = function.rpartition(".")
        self._results.append((label, getattr(import_module(module), name)(job)))
        return label

    def results(self, on_wait: Callable[[int], None]) -> Iterator[tuple[Any, Any]]:
        """Everything that was submitted."""
        on_wait(1)
        yield from self._results


def run_here(path: Path, out: Path, overrides: tuple[str, ...] = (), rtl: bool = False) -> tuple[Outcome, list[str]]:
    """A study without workers: its outcome, and the titles of the tasks that ran."""
    inline = Inline()

    @contextmanager
    def connect() -> Iterator[Any]:
        yield inline

    file = load_study(path, overrides)
    outcome = run_study(file, grid_of(file, rtl), out, None, connect, always_connect=False)
    return outcome, inline.titles
