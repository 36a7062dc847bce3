"""Energy of the counted operations against T, by one price table."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from pipeline.campaign.drawings import Drawing, finished
from pipeline.report.formats import energy
from pipeline.report.plots.style import drawing, value_axis
from pipeline.study.plots.series import MARKS, Series, codes_of, half_width_figure, lines_of, time_step_axis
from pipeline.study.text import Point


def energy_by_time_steps(points: Sequence[Point], series: Series, table: str) -> Drawing:
    """A line a variant and code: mean energy of an image over the seeds."""
    codes = codes_of(points)
    with drawing():
        figure = half_width_figure(series, codes)
        axes = figure.subplots()
        for own in lines_of(points, series):
            axes.plot(
                [point.time_steps for point in own],
                [_mean(point, table) for point in own],
                color=series.colour(own[0].variant),
                linestyle=series.dashes(own[0].variant),
                linewidth=1.6,
                marker=MARKS[own[0].code],
                markersize=5,
            )
        time_step_axis(axes, points)
        axes.set_yscale("log")
        low, high = axes.get_ylim()
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0,) if high / low > 300 else (1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: energy(value)))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(which="minor", length=0)
        axes.set_ylabel("energy per image")
        value_axis(axes, "y")
        series.legend(figure, codes, columns=3)
        costs = [f"{point.variant} {point.code} at {point.time_steps}: {energy(_mean(point, table))}" for point in points]
        return finished(figure, f"study-energy-{table}", f"Energy per image: {', '.join(costs)}.")


def _mean(point: Point, table: str) -> float:
    return point.spread(lambda row: row.energy[table]).mean
