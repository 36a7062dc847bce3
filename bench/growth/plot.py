"""The picture: cycles above, LUT below, a column for everything that is varied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from bench.growth.laws import LAWS, ROW_PASS, Law
from model.base.files import replacing
from pipeline.report.formats import percent, significant
from pipeline.report.plots.style import ACCENT, CONTRAST, MUTED, drawing, new_figure, value_axis

LABELS = {
    "N": "N, neurons (8 lanes)",
    "P": "P, lanes (64 neurons)",
    "L": "L, levels in bit planes",
    "T": "T, time steps of a unary train",
}
_DOTS_PER_INCH = 110
_MANY = 20


def draw(result: dict[str, Any], path: Path) -> None:
    """Write the picture of a result as PNG."""
    with drawing():
        figure = new_figure(15, 6.4)
        panels = figure.subplots(2, len(LABELS) + 1)
        for column, (name, label) in enumerate(LABELS.items()):
            points = result["series"][name]
            places = [point["value"] for point in points]
            for row, (figure_name, unit) in enumerate((("latency", "latency in cycles"), ("lut", "LUT"))):
                axes = panels[row][column]
                expected = [point["predicted"][figure_name] for point in points]
                measured = [point[figure_name] for point in points]
                _panel(axes, places, measured, result["lines"][name][figure_name])
                axes.plot(places, expected, "o", color=MUTED, markersize=10, markerfacecolor="none", zorder=2)
                axes.set_ylim(0, 1.12 * max(*measured, *expected))
                _curve(axes, LAWS[name][figure_name], result["lines"][name][figure_name], places)
                axes.set_xlabel(label if row else "")
                axes.set_ylabel("" if column else unit)
        frames, line = result["frames"], result["lines"]["spikes"]["latency"]
        _panel(panels[0][-1], frames["row_passes"], frames["latency"], line)
        _curve(panels[0][-1], ROW_PASS, line, [0.0, *frames["row_passes"]])
        panels[0][-1].set_xlabel("events × passes of a frame")
        _legend(panels[1][-1])
        with replacing(path) as beside:
            figure.savefig(beside, format="png", dpi=_DOTS_PER_INCH, facecolor="white", metadata={"Software": None})


def _panel(axes: Axes, places: Sequence[float], figures: Sequence[float], line: dict[str, Any]) -> None:
    """Measured figures, and in words the line through them."""
    many = len(places) > _MANY
    axes.plot(places, figures, "." if many else "o", color=ACCENT, markersize=5, alpha=0.6 if many else 1, zorder=3)
    axes.set_xlim(0, 1.06 * max(places))
    axes.set_ylim(0, 1.12 * max(figures))
    axes.set_title(
        f"{significant(line['slope'])} a {line['of']}, {significant(line['start'])} beside\n"
        f"farthest from it: {significant(line['largest_residual'])}, {percent(line['largest_residual_share'], 1)}",
        fontsize=8.5,
        fontweight="normal",
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, integer=True))
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    value_axis(axes, "y")


def _curve(axes: Axes, law: Law, line: dict[str, Any], places: Sequence[float]) -> None:
    """The line, bent where the amount is not what is varied."""
    values = sorted({*places, *np.linspace(min(places), max(places), 200).round().tolist()})
    heights = [line["slope"] * law.amount(value) + line["start"] for value in values]
    axes.plot(values, heights, color=CONTRAST, linewidth=1.3, zorder=1)


def _legend(axes: Axes) -> None:
    axes.axis("off")
    handles = [
        Line2D([], [], color=ACCENT, marker="o", linestyle="", markersize=5, label="measured, equal to golden"),
        Line2D([], [], color=MUTED, marker="o", linestyle="", markersize=10, markerfacecolor="none", label="predicted"),
        Line2D([], [], color=CONTRAST, linewidth=1.3, label="least squares"),
    ]
    axes.legend(handles=handles, loc="center left")
