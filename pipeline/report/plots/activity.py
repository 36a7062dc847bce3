"""What the network does for one image on average: spikes by layer and operations by kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from pipeline.report.formats import count, percent, significant, words
from pipeline.report.plots.style import ACCENT, MUTED, TINTS, Plot, category_axis, drawing, new_figure, to_plot, value_axis

OPERATIONS = ("accumulates", "doublings", "bias_adds", "charge_adds", "compares", "resets")


def spikes_plot(counts: Mapping[str, Any]) -> Plot:
    """Spikes an image on every link, with the share of its channels and time steps that carry one."""
    layers, frames = counts["layers"], counts["frames"]
    names = ["input", *list(layers)[:-1]]
    values = [layer["input_spikes"] / frames for layer in layers.values()]
    rates = [layer["spike_rate"] for layer in layers.values()]
    with drawing():
        figure = new_figure(5.2, 1.0 + 0.42 * len(names))
        axes = figure.subplots()
        axes.barh(range(len(names)), values, color=[TINTS[1], *[ACCENT] * (len(names) - 1)], height=0.58)
        for row, (value, rate) in enumerate(zip(values, rates, strict=True)):
            _label(axes, row, value, f"{significant(value)}  ·  rate {percent(rate, 1)}")
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xlim(0, max(*values, 1.0) * 1.5)
        axes.set_xlabel("spikes per image")
        value_axis(axes, "x")
        category_axis(axes, "y")
        spoken = ", ".join(f"{name} {significant(value)}" for name, value in zip(names, values, strict=True))
        return to_plot(figure, "spikes", f"Spikes per image: {spoken}.")


def operations_plot(counts: Mapping[str, Any]) -> Plot:
    """Operations an image by kind over all layers, on a logarithmic axis."""
    layers, frames = counts["layers"], counts["frames"]
    totals = {kind: sum(layer[kind] for layer in layers.values()) / frames for kind in OPERATIONS}
    totals = {kind: total for kind, total in totals.items() if total}
    with drawing():
        figure = new_figure(5.2, 1.0 + 0.36 * len(totals))
        axes = figure.subplots()
        axes.barh(range(len(totals)), list(totals.values()), color=ACCENT, height=0.58)
        for row, total in enumerate(totals.values()):
            _label(axes, row, total, count(round(total, 1)))
        axes.set_yticks(range(len(totals)), [words(kind) for kind in totals])
        axes.invert_yaxis()
        axes.set_xscale("log")
        axes.set_xlim(min(1.0, *totals.values()) * 0.8, max(totals.values()) * 12)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))
        axes.minorticks_off()
        axes.set_xlabel("operations per image")
        value_axis(axes, "x")
        category_axis(axes, "y")
        spoken = ", ".join(f"{words(kind)} {count(round(total, 1))}" for kind, total in totals.items())
        return to_plot(figure, "operations", f"Operations per image: {spoken}.")


def _label(axes: Axes, row: int, value: float, text: str) -> None:
    axes.annotate(text, (value, row), (6, 0), textcoords="offset points", va="center", color=MUTED)
