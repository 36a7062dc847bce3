"""Latency against events, frame by frame."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from pipeline.report.formats import count, significant
from pipeline.report.growth import FrameCosts
from pipeline.report.plots.style import ACCENT, CONTRAST, Plot, drawing, new_figure, to_plot, value_axis
from pipeline.report.schema import Growth

_MOST_DOTS = 800


def growth_plot(costs: FrameCosts, growth: Growth) -> Plot:
    """A dot a frame, of many frames evenly chosen ones, and the line through all of them."""
    events, latency = costs.events, costs.latency
    chosen = np.unique(np.linspace(0, len(events) - 1, min(len(events), _MOST_DOTS)).round().astype(int))
    ends = np.array([0, growth.events.max])
    with drawing():
        figure = new_figure(5.2, 3.0)
        axes = figure.subplots()
        axes.plot(events[chosen], latency[chosen], ".", color=ACCENT, markersize=4, alpha=0.45)
        axes.plot(ends, growth.cycles_without_events + growth.cycles_per_event * ends, color=CONTRAST, linewidth=1.4)
        axes.set_xlim(0, 1.04 * growth.events.max)
        axes.set_ylim(0, 1.08 * float(latency.max()))
        axes.set_xlabel("events of a frame, all links")
        axes.set_ylabel("latency in cycles")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(5, integer=True))
            axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        value_axis(axes, "y")
        line = (
            f"{significant(growth.cycles_per_event)} cycles an event and {count(round(growth.cycles_without_events))} without one"
        )
        return to_plot(figure, "growth", f"Latency against events: {line}.")
