"""Energy of the counted operations against T, by one price table."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from pipeline.report.formats import energy
from pipeline.report.plots.style import drawing, new_figure, value_axis
from pipeline.study.plots.series import MARKS, Drawing, Series, codes_of, finished, time_step_axis
from pipeline.study.text import Point


def energy_by_time_steps(points: Sequence[Point], series: Series, table: str) -> Drawing:
    """A line a variant and code: mean energy of an image over the seeds."""
    codes = codes_of(points)
    with drawing():
        figure = new_figure(5.2, 4.3 + 0.16 * ((len(series.variants) + len(codes)) // 3))
        axes = figure.subplots()
        for variant in series.variants:
            for code in codes:
                own = [point for point in points if (point.variant, point.code) == (variant, code)]
                own.sort(key=lambda point: point.time_steps)
                axes.plot(
                    [point.time_steps for point in own],
                    [_mean(point, table) for point in own],
                    color=series.colour(variant),
                    linestyle=series.dashes(variant),
                    linewidth=1.6,
                    marker=MARKS[code],
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
