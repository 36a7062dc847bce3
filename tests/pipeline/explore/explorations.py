"""Small explorations, run by this process itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.explore.grid import grid_of
from pipeline.explore.load import load_explore
from pipeline.explore.run import Measure, Outcome, run_exploration
from tests.pipeline.campaign.inline import Inline

TINY = """
name = "tiny"

[input]
bits = 1

[network]
hidden = [4]

[training]
epochs = 2

[explore]
weight_bits = [3]
levels = [1, 3]
code = ["unary", "bits"]
engine = ["event", "unrolled"]
parallelism = ["auto", 2, 16]
frames = 12
"""


def write_exploration(folder: Path, text: str = TINY) -> Path:
    """A file in a folder."""
    path = folder / "explore.toml"
    path.write_text(text)
    return path


def run_here(path: Path, out: Path, *overrides: str, measure: Measure = "none") -> tuple[Outcome, list[str]]:
    """An exploration without workers: its outcome, and the titles of the tasks that ran."""
    inline = Inline()

    @contextmanager
    def connect() -> Iterator[Any]:
        yield inline

    file = load_explore(path, overrides)
    outcome = run_exploration(file, grid_of(file), out, None, connect, always_connect=False, measure=measure)
    return outcome, inline.titles
