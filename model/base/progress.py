"""Progress of long work: a bar on a terminal, an occasional plain line elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_QUIET_SECONDS = 10.0
# Work whose units take long still shows that it lives.
_UNCHANGED_SECONDS = 60.0


class Progress(Protocol):
    """What :func:`progress` yields."""

    def advance(self, count: int = 1) -> None:
        """Add ``count`` finished units."""

    def note(self, text: str) -> None:
        """Show ``text`` beside the bar, in place of the previous note."""


@contextmanager
def progress(total: int | None, description: str, unit: str = "it") -> Iterator[Progress]:
    """Show how far some work has come, on the standard error stream.

    On a terminal a bar is drawn and removed at the end. Elsewhere a line is printed at most every ten seconds, so that short work
    prints nothing, and every minute where nothing has changed.

    Args:
        total: units of work; None where nobody knows.
        description: what is being done, e.g. ``"training"``.
        unit: the name of one unit in the plural, e.g. ``"images"``.
    """
    if sys.stderr.isatty():
        with _bar(total, description, unit) as shown:
            yield shown
    else:
        yield _Lines(total, description, unit)


class _Lines:
    """Progress for a log file."""

    def __init__(self, total: int | None, description: str, unit: str) -> None:
        self._total = total
        self._description = description
        self._unit = unit
        self._done = 0
        self._note = ""
        self._told: tuple[int, str] | None = None
        self._started = self._printed = time.monotonic()

    def advance(self, count: int = 1) -> None:
        self._done += count
        self._print_if_due()

    def note(self, text: str) -> None:
        self._note = text
        self._print_if_due()

    def _print_if_due(self) -> None:
        now = time.monotonic()
        state = (self._done, self._note)
        if now - self._printed < (_UNCHANGED_SECONDS if state == self._told else _QUIET_SECONDS):
            return
        self._printed = now
        self._told = state
        of = "" if self._total is None else f" of {self._total:,}"
        note = f", {self._note}" if self._note else ""
        line = f"  {self._description}: {self._done:,}{of} {self._unit} after {now - self._started:.0f} s{note}"
        print(line, file=sys.stderr, flush=True)


@contextmanager
def _bar(total: int | None, description: str, unit: str) -> Iterator[Progress]:
    from rich import progress as rich_progress
    from rich.console import Console

    columns: list[rich_progress.ProgressColumn] = [
        rich_progress.TextColumn("  {task.description}", markup=False),
        rich_progress.BarColumn(bar_width=24),
        rich_progress.TimeElapsedColumn(),
    ]
    if total is not None:
        columns += [rich_progress.MofNCompleteColumn(), rich_progress.TextColumn(unit, markup=False)]
        columns.append(rich_progress.TimeRemainingColumn())
    columns.append(rich_progress.TextColumn("{task.fields[note]}", markup=False))
    with rich_progress.Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        yield _Bar(drawn, drawn.add_task(description, total=total, note=""))


class _Bar:
    """Progress on a terminal, drawn by rich."""

    def __init__(self, drawn: RichProgress, task: TaskID) -> None:
        self._drawn = drawn
        self._task = task

    def advance(self, count: int = 1) -> None:
        self._drawn.advance(self._task, count)

    def note(self, text: str) -> None:
        self._drawn.update(self._task, note=text)
