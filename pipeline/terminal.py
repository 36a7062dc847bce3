"""What a person sees of a build: a line a step, the time of each at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.step import Step

_NAME_WIDTH = 9


def print_aligned(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of text in columns that are as wide as they must be; nothing is cut, so that paths can be copied."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@dataclass
class Terminal:
    """Prints a line for every step on the standard output and remembers its time; ``target`` is the step that was asked for."""

    target: str | None = None
    rows: list[tuple[str, str, float]] = field(default_factory=list)

    def started(self, step: Step, reason: str) -> None:
        """Say what runs, and why it runs again."""
        print(f"{step.name:{_NAME_WIDTH}} {step.purpose}{f' ({reason})' if reason else ''}", flush=True)

    def finished(self, step: Step, seconds: float, folder: Path) -> None:
        """Say what came out."""
        self.rows.append((step.name, "done", seconds))
        self._tell_details(step, folder)
        self._below(step.summary(folder))

    def unchanged(self, step: Step, seconds: float, folder: Path) -> None:
        """Say what is there already."""
        self.rows.append((step.name, "unchanged", seconds))
        summary = step.summary(folder)
        print(f"{step.name:{_NAME_WIDTH}} unchanged{f': {summary}' if summary else ''}", flush=True)
        self._tell_details(step, folder)

    def failed(self, step: Step, seconds: float, reasons: Sequence[str]) -> None:
        """Say every reason; the caller ends with the first."""
        self.rows.append((step.name, "FAILED", seconds))
        for reason in reasons:
            self._below(reason)

    def _tell_details(self, step: Step, folder: Path) -> None:
        for line in step.details(folder) if step.name == self.target else ():
            self._below(line)

    def _below(self, text: str) -> None:
        if text:
            print(f"{'':{_NAME_WIDTH}} {text}", flush=True)

    def print_times(self) -> None:
        """The time of every step, in brackets where it was taken earlier, and of those of this run together."""
        rows = [("step", "state", "seconds")]
        for name, state, seconds in self.rows:
            rows.append((name, state, f"({seconds:.1f})" if state == "unchanged" else f"{seconds:.1f} "))
        rows.append(("", "this run", f"{sum(seconds for _, state, seconds in self.rows if state != 'unchanged'):.1f} "))
        width = max(len(row[2]) for row in rows)
        print()
        print_aligned([(*row[:2], row[2].rjust(width)) for row in rows])
