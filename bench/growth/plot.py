"""The picture: cycles above, LUT below, a column for everything that is varied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from model.base.files import replacing
from pipeline.report.formats import percent, significant
from pipeline.report.plots.style import ACCENT, CONTRAST, MUTED, drawing, new_figure, value_axis

LABELS = {
    "N": "N, neurons (8 lanes)",
    "P": "P, lanes (64 neurons)",
    "L": "L, levels in bit planes",
    "T": "T, time steps of a unary train",
}
_DOTS_PER_INCH = 160


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
                _panel(axes, places, [point[figure_name] for point in points], result["lines"][name][figure_name], expected)
                axes.set_xlabel(label if row else "")
                axes.set_ylabel("" if column else unit)
        frames = result["frames"]
        _panel(panels[0][-1], frames["events"], frames["latency"], result["lines"]["events"]["latency"], None)
        panels[0][-1].set_xlabel("events of a frame, 0 to 100 % of the pixels lit")
        panels[1][-1].set_visible(False)
        with replacing(path) as beside:
            figure.savefig(beside, format="png", dpi=_DOTS_PER_INCH, facecolor="white", metadata={"Software": None})


def _panel(
    axes: Axes, places: Sequence[float], figures: Sequence[float], line: dict[str, Any], expected: Sequence[float] | None
) -> None:
    """Measured figures, the line through them, and hollow what the models foretell."""
    many = len(places) > 20
    axes.plot(places, figures, "." if many else "o", color=ACCENT, markersize=5, alpha=0.6 if many else 1, zorder=3)
    if expected is not None:
        axes.plot(places, expected, "o", color=MUTED, markersize=9, markerfacecolor="none", zorder=2)
    ends = np.array([0, max(places)])
    axes.plot(ends, line["slope"] * ends + line["start"], color=CONTRAST, linewidth=1.4, zorder=1)
    axes.set_xlim(left=0)
    axes.set_ylim(0, 1.12 * max(figures))
    axes.set_title(
        f"{significant(line['slope'])} each, {significant(line['start'])} at 0;"
        f" farthest {percent(line['largest_residual_share'], 1)}",
        fontsize=8.5,
        fontweight="normal",
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, integer=True))
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    value_axis(axes, "y")
