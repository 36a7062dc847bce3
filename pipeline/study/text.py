"""What a study comes to, in a few lines and for the page: mean and spread over the seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from pipeline.report.formats import count, percent
from pipeline.study.table import Row


@dataclass(frozen=True)
class Spread:
    """Mean, least and most over the seeds."""

    mean: float
    low: float
    high: float

    @property
    def in_per_cent(self) -> str:
        """The mean, and the range where there is one."""
        if self.high == self.low:
            return percent(self.mean)
        return f"{percent(self.mean)} ({100 * self.low:.2f}–{100 * self.high:.2f})"


@dataclass(frozen=True)
class Point:
    """The rows of one variant, number of time steps and code: one a seed."""

    variant: str
    time_steps: int
    code: str
    rows: tuple[Row, ...]

    def spread(self, figure: Callable[[Row], float]) -> Spread:
        """A figure over the seeds."""
        values = [figure(row) for row in self.rows]
        return Spread(fmean(values), min(values), max(values))


def points_of(rows: Iterable[Row]) -> list[Point]:
    """Rows that differ by their seed alone, in the order of the table."""
    together: dict[tuple[str, int, str], list[Row]] = {}
    for row in rows:
        together.setdefault((row.variant, row.time_steps, row.code), []).append(row)
    return [Point(*key, tuple(found)) for key, found in together.items()]


def summary_lines(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """A heading and a line a point, for the terminal."""
    lines: list[tuple[str, ...]] = [
        ("variant", "T", "code", "seeds", "accuracy", "ANN", "differ", "operations", "cycles", "simulated")
    ]
    for point in points_of(rows):
        differing = point.spread(lambda row: row.mismatches / row.values)
        simulated = [row.simulations for row in point.rows if row.simulations is not None]
        lines.append(
            (
                point.variant,
                str(point.time_steps),
                point.code,
                str(len(point.rows)),
                point.spread(lambda row: row.accuracy).in_per_cent,
                percent(point.spread(lambda row: row.accuracy_reference).mean),
                percent(differing.mean),
                count(round(point.spread(lambda row: row.operations).mean)),
                count(round(point.spread(lambda row: row.cycles_sum).mean)),
                f"{sum(figures.frames for figures in simulated):,} frames" if simulated else "",
            )
        )
    return lines
