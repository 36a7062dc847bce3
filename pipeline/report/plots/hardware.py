"""Cycles of a frame and time of every step."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.ticker import MaxNLocator

from pipeline.report.formats import count, seconds
from pipeline.report.plots.style import ACCENT, GRID, INK, MUTED, Plot, category_axis, drawing, new_figure, to_plot, value_axis
from pipeline.report.schema import Cycles


def cycles_plot(latency: Cycles, interval: Cycles) -> Plot:
    """From the quickest to the slowest frame of the test set, with the median."""
    rows = {"latency": latency, "interval": interval}
    with drawing():
        figure = new_figure(5.2, 1.75)
        axes = figure.subplots()
        for row, cycles in enumerate(rows.values()):
            axes.plot([cycles.min, cycles.max], [row, row], color=GRID, linewidth=9, solid_capstyle="round")
            axes.plot(cycles.median, row, "o", color=ACCENT, markersize=9)
            axes.annotate(
                count(cycles.median), (cycles.median, row), (0, 9), textcoords="offset points", ha="center", fontweight="bold"
            )
            for value, side in ((cycles.min, -1), (cycles.max, 1)):
                axes.annotate(
                    count(value),
                    (value, row),
                    (10 * side, 0),
                    textcoords="offset points",
                    va="center",
                    ha="left" if side > 0 else "right",
                    color=MUTED,
                    fontsize=9,
                )
        axes.set_yticks(range(len(rows)), list(rows))
        axes.set_ylim(1.5, -0.7)
        span = max(cycles.max for cycles in rows.values())
        axes.set_xlim(min(0, *(cycles.min for cycles in rows.values())) - 0.06 * span, 1.14 * span)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.set_xlabel("clock cycles")
        value_axis(axes, "x")
        category_axis(axes, "y")
        axes.spines["left"].set_visible(False)
        spoken = "; ".join(f"{name} {count(c.min)} to {count(c.max)}, median {count(c.median)}" for name, c in rows.items())
        return to_plot(figure, "cycles", f"Cycles per frame: {spoken}.")


def seconds_plot(times: Mapping[str, float]) -> Plot:
    """Wall time of every step."""
    with drawing():
        figure = new_figure(5.2, 0.6 + 0.3 * len(times))
        axes = figure.subplots()
        axes.barh(range(len(times)), list(times.values()), color=ACCENT, height=0.58)
        for row, value in enumerate(times.values()):
            axes.annotate(seconds(value), (value, row), (6, 0), textcoords="offset points", va="center", color=INK)
        axes.set_yticks(range(len(times)), list(times))
        axes.invert_yaxis()
        axes.set_xlim(0, max(times.values()) * 1.22 or 1.0)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.set_xlabel("seconds")
        value_axis(axes, "x")
        category_axis(axes, "y")
        spoken = ", ".join(f"{step} {seconds(value)}" for step, value in times.items())
        return to_plot(figure, "seconds", f"Wall time of every step: {spoken}.")
