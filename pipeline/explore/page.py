"""The page of an exploration: table and drawings in one HTML file that needs nothing else."""

from __future__ import annotations

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from pipeline.explore.grid import KEYS, shown
from pipeline.explore.plots import ExplorePlots
from pipeline.explore.table import Table
from pipeline.explore.text import FIGURES, front_of
from pipeline.report import formats


def render(table: Table, plots: ExplorePlots) -> str:
    """The whole page."""
    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader("pipeline.explore"), PackageLoader("pipeline.study"), PackageLoader("pipeline.report")]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    for name in ("count", "percent", "energy", "words"):
        environment.filters[name] = getattr(formats, name)
    environment.filters["shown"] = shown
    environment.filters["signed"] = lambda share: f"{100 * share:+.1f} %".replace("-", "\N{MINUS SIGN}")
    front = front_of(table.designs)
    measured = [row for row in table.rows if row.measured is not None]
    varied = [axis for axis in KEYS if len(table.explore[axis]) > 1]
    return environment.get_template("explore.html.j2").render(
        table=table,
        plots=plots,
        front=front,
        numbers={design.title: number for number, design in enumerate(front, start=1)},
        measured=measured,
        compared=sum(row.measured.rtl_values + row.measured.counters_values for row in measured if row.measured is not None),
        unequal=sum(
            row.measured.rtl_mismatches + row.measured.counters_mismatches for row in measured if row.measured is not None
        ),
        varied=varied,
        figures=FIGURES,
    )
