"""The page of a study: table and drawings in one HTML file that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from model.energy import TABLES
from pipeline.report import formats
from pipeline.study.plots import StudyPlots
from pipeline.study.table import Row, Table
from pipeline.study.text import Point, points_of


@dataclass(frozen=True)
class Line:
    """One line of the page's table: a variant at a number of time steps and a code, over its seeds.

    Attributes:
        point: its rows.
        first: whether it is the first line of its variant.
    """

    point: Point
    first: bool

    @property
    def row(self) -> Row:
        """For what is the same for every seed."""
        return self.point.rows[0]

    @property
    def accuracy(self) -> str:
        """Of the golden SNN, with its range over the seeds."""
        return self.point.spread(lambda row: row.accuracy).in_per_cent

    @property
    def reference(self) -> float:
        """Mean accuracy of the ANN it was converted from, in integers."""
        return self.point.spread(lambda row: row.accuracy_reference).mean

    @property
    def mismatches(self) -> int:
        """Over all seeds."""
        return sum(row.mismatches for row in self.point.rows)

    @property
    def state(self) -> str:
        """The class of the cell of mismatches: only a mismatch of an exact method is bad."""
        if not self.mismatches:
            return "good"
        return "bad" if self.row.exact else ""

    @property
    def differing(self) -> float:
        """Share of compared values that differ from the ANN."""
        return self.mismatches / sum(row.values for row in self.point.rows)

    @property
    def steps(self) -> str:
        """Time steps on the wire of every hidden layer, over all seeds."""
        lists = {tuple(row.wire_time_steps) for row in self.point.rows}
        return " / ".join(" ".join(map(str, steps)) for steps in sorted(lists))

    @property
    def simulated(self) -> str:
        """Frames through HLS and RTL and their mismatches; empty where none were."""
        figures = [row.simulations for row in self.point.rows if row.simulations is not None]
        if not figures:
            return ""
        wrong = sum(each.hls_mismatches + each.rtl_mismatches + each.counters_mismatches for each in figures)
        return f"{sum(each.frames for each in figures):,} frames, {wrong:,} mismatches"

    def mean(self, figure: str) -> float:
        """Of a figure of the row, a count or an energy, over the seeds."""
        return self.point.spread(lambda row: _figure(row, figure)).mean


def _figure(row: Row, name: str) -> float:
    if name in row.counts:
        return row.counts[name]
    return row.energy[name] if name in row.energy else float(getattr(row, name))


def render(table: Table, plots: StudyPlots) -> str:
    """The whole page."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("pipeline.study"), PackageLoader("pipeline.report")]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    for name in ("count", "percent", "energy", "significant", "words"):
        environment.filters[name] = getattr(formats, name)
    points = points_of(table.rows)
    lines = [Line(point, not index or point.variant != points[index - 1].variant) for index, point in enumerate(points)]
    template = environment.get_template("study.html.j2")
    return template.render(table=table, plots=plots, lines=lines, tables=TABLES, data=table.rows[0].data)
