"""Accuracy against T, and against what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes

from pipeline.campaign.drawings import Drawing, cost_axis, finished
from pipeline.report.plots.style import drawing, new_figure
from pipeline.study.plots.series import (
    MARKS,
    Series,
    accuracy_axis,
    codes_of,
    half_width_figure,
    lines_of,
    spoken,
    stretched_spread,
    time_step_axis,
)
from pipeline.study.table import Row
from pipeline.study.text import Point

_SIDE_STEP = 0.02


def accuracy_by_time_steps(points: Sequence[Point], series: Series) -> Drawing:
    """A line a variant, mean over its seeds with bars from least to most; codes of a deferred method share theirs."""
    shown = _one_a_time_step(points)
    with drawing():
        figure = new_figure(10.6, 4.4 + 0.2 * (len(series.variants) // 5))
        axes = figure.subplots()
        for index, variant in enumerate(series.variants):
            own = sorted((point for point in shown if point.variant == variant), key=lambda point: point.time_steps)
            # Bars of several variants at one T stand beside each other.
            aside = 1 + _SIDE_STEP * (index - (len(series.variants) - 1) / 2)
            _line(axes, own, series, [point.time_steps * aside for point in own], "o")
        time_step_axis(axes, shown)
        accuracy_axis(axes, shown)
        series.legend(figure, columns=5)
        return finished(figure, "study-accuracy", f"Test accuracy by T: {', '.join(map(spoken, shown))}.")


def accuracy_by_cost(points: Sequence[Point], series: Series, name: str, label: str, cost: Callable[[Row], float]) -> Drawing:
    """A line a variant and code through its numbers of time steps, on a logarithmic axis of the cost."""
    codes = codes_of(points)
    with drawing():
        figure = half_width_figure(series, codes)
        axes = figure.subplots()
        for own in lines_of(points, series):
            _line(axes, own, series, [point.spread(cost).mean for point in own], MARKS[own[0].code])
        cost_axis(axes, label)
        accuracy_axis(axes, points)
        series.legend(figure, codes, columns=3)
        costs = ", ".join(f"{spoken(point)} for {point.spread(cost).mean:,.0f}" for point in points)
        return finished(figure, f"study-{name}", f"Test accuracy and {label}: {costs}.")


def _line(axes: Axes, points: Sequence[Point], series: Series, places: Sequence[float], mark: str) -> None:
    images = points[0].rows[0].images
    spreads = [stretched_spread(point.spread(lambda row: row.accuracy), images) for point in points]
    middle, below, above = (list(values) for values in zip(*spreads, strict=True))
    variant = points[0].variant
    axes.errorbar(
        places,
        middle,
        yerr=[below, above],
        color=series.colour(variant),
        linestyle=series.dashes(variant),
        linewidth=1.6,
        elinewidth=1.1,
        marker=mark,
        markersize=5,
    )


def _one_a_time_step(points: Sequence[Point]) -> list[Point]:
    """Of every variant and T one code: where several are there, they are equal."""
    return list({(point.variant, point.time_steps): point for point in reversed(points)}.values())[::-1]
