"""What the models foretold against what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from pipeline.campaign.drawings import Drawing, cost_axis, finished
from pipeline.explore.plots.marks import ENGINE_COLOURS, ENGINE_MARKS, engine_of
from pipeline.explore.table import ModelError, Row
from pipeline.explore.text import FIGURES
from pipeline.report.formats import percent
from pipeline.report.plots.style import MUTED, drawing, new_figure, value_axis


def models_plot(rows: Sequence[Row], errors: Mapping[str, ModelError]) -> Drawing:
    """A panel a figure; on the line the prediction is exact."""
    with drawing():
        figure = new_figure(10.6, 4.1)
        panels = figure.subplots(1, len(errors), squeeze=False)[0]
        for axes, (figure_name, error) in zip(panels, errors.items(), strict=True):
            _panel(axes, rows, figure_name)
            axes.set_title(f"{FIGURES[figure_name]}: median {percent(error.median, 1)}, worst {percent(error.worst, 1)}")
        engines = {engine_of(row.predicted.engines) for row in rows if row.measured is not None}
        handles = [
            Line2D([], [], color=ENGINE_COLOURS[engine], linestyle="", marker=mark, markersize=7, label=engine)
            for engine, mark in ENGINE_MARKS.items()
            if engine in engines
        ]
        handles.append(Line2D([], [], color=MUTED, linewidth=1.2, label="predicted = measured"))
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
        spoken = "; ".join(
            f"{FIGURES[name]}: {error.rows} cores, median error {percent(error.median)}, worst {percent(error.worst)}"
            for name, error in errors.items()
        )
        return finished(figure, "explore-models", f"Predicted against measured. {spoken}.")


def _panel(axes: Axes, rows: Sequence[Row], figure: str) -> None:
    places: list[tuple[float, float]] = []
    for row in rows:
        pair = pair_of(row, figure)
        if pair is None:
            continue
        places.append(pair)
        engine = engine_of(row.predicted.engines)
        axes.plot(*pair, ENGINE_MARKS[engine], color=ENGINE_COLOURS[engine], markersize=6, alpha=0.7)
    low, high = min(min(pair) for pair in places), max(max(pair) for pair in places)
    ends = [low / 1.25, high * 1.25]
    axes.plot(ends, ends, color=MUTED, linewidth=1.2, zorder=1)
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    cost_axis(axes, "measured")
    cost_axis(axes, "predicted", "y")
    value_axis(axes, "y")


def pair_of(row: Row, figure: str) -> tuple[float, float] | None:
    """Measured and predicted; None where one is missing."""
    if row.measured is None:
        return None
    measured = row.measured.area["lut"] if figure == "lut" else getattr(row.measured, figure)
    predicted = getattr(row.predicted, figure)
    return None if measured is None or predicted is None else (float(measured), float(predicted))
