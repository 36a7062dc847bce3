"""LUT against latency, coloured by accuracy, with the designs on the front and two lines through them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from pipeline.campaign.drawings import Drawing, cost_axis, finished
from pipeline.explore.plots.labels import place_labels
from pipeline.explore.plots.marks import ENGINE_MARKS, SHADES, bounds_of_shades, engine_of_design, shade_of
from pipeline.explore.table import Basis, Design
from pipeline.explore.text import front_of
from pipeline.report.formats import count, percent
from pipeline.report.plots.style import ACCENT, INK, MUTED, drawing, new_figure, value_axis

NEAR_BEST = 0.01
"""The solid line goes through designs within so much of the best validation accuracy."""


def front_plot(designs: Sequence[Design], basis: Basis) -> Drawing:
    """A mark a design; those on the front have an outline and the number of their line in the table.

    Args:
        designs: all of them.
        basis: figures that the front is drawn by; designs with others are drawn without an outline.
    """
    bounds = bounds_of_shades([design.accuracy_validation for design in designs])
    front = front_of(designs)
    with drawing():
        figure = new_figure(10.6, 5.8)
        axes = figure.subplots()
        for design in designs:
            _mark(axes, design, bounds)
        best = max(design.accuracy_validation for design in designs)
        near = [design for design in front if design.accuracy_validation >= best - NEAR_BEST]
        _stairs(axes, front, MUTED, (0, (4, 3)))
        _stairs(axes, near, ACCENT, "-")
        axes.margins(0.06, 0.09)
        cost_axis(axes, f"latency in cycles, {basis}")
        cost_axis(axes, f"LUT of 7-series, {basis}", "y")
        value_axis(axes, "y")
        engines = {engine_of_design(design) for design in designs}
        figure.legend(handles=_legend(bounds, engines), loc="outside lower center", ncols=5, handlelength=1.6)
        place_labels(axes, _numbers(front), [(design.latency_cycles, design.lut) for design in designs])
        spoken = "; ".join(
            f"{number} {design.title}: {count(round(design.latency_cycles))} cycles, {count(round(design.lut))} LUT,"
            f" {percent(design.accuracy_validation)}"
            for number, design in enumerate(front, start=1)
        )
        return finished(figure, "explore-front", f"LUT against latency, {basis}. On the front: {spoken}.", _variables())


def _variables() -> dict[str, str]:
    return {shade: f"--shade-{index}" for index, shade in enumerate(SHADES)}


def _mark(axes: Axes, design: Design, bounds: Sequence[float]) -> None:
    axes.plot(
        design.latency_cycles,
        design.lut,
        marker=ENGINE_MARKS[engine_of_design(design)],
        color=shade_of(design.accuracy_validation, bounds),
        markersize=10 if design.on_front else 6,
        markeredgecolor=INK if design.on_front else "none",
        markeredgewidth=1.1 if design.on_front else 0,
        alpha=1 if design.on_front else 0.75,
        zorder=4 if design.on_front else 3,
        linestyle="",
    )


def _stairs(axes: Axes, designs: Sequence[Design], colour: str, dashes: object) -> None:
    """Fewest LUT at a latency or less, through the designs that nothing undercuts in both."""
    corners: list[tuple[float, float]] = []
    for design in sorted(designs, key=lambda design: (design.latency_cycles, design.lut)):
        if not corners or design.lut < corners[-1][1]:
            corners.append((design.latency_cycles, design.lut))
    places = corners[:1]
    for (_, lut), (cycles, lower) in pairwise(corners):
        places += [(cycles, lut), (cycles, lower)]
    if places:
        axes.plot(*zip(*places, strict=True), color=colour, linestyle=dashes, linewidth=1.4, zorder=2)


def _numbers(front: Sequence[Design]) -> dict[tuple[float, float], str]:
    """Numbers of the table by place; of designs in one place all of them."""
    together: dict[tuple[float, float], list[int]] = {}
    for number, design in enumerate(front, start=1):
        together.setdefault((design.latency_cycles, design.lut), []).append(number)
    return {place: ", ".join(map(str, numbers)) for place, numbers in together.items()}


def _legend(bounds: Sequence[float], engines: set[str]) -> list[Line2D]:
    handles = [
        Line2D(
            [],
            [],
            color=shade_of(low, bounds),
            linestyle="",
            marker="o",
            markersize=8,
            label=f"{percent(low, 1)} to {percent(high, 1)}",
        )
        for low, high in pairwise(bounds)
    ]
    handles += [
        Line2D([], [], color=MUTED, linestyle="", marker=mark, markersize=7, label=engine)
        for engine, mark in ENGINE_MARKS.items()
        if engine in engines
    ]
    return [
        *handles,
        Line2D([], [], color=MUTED, linestyle="", marker="o", markeredgecolor=INK, markersize=9, label="on the front"),
        Line2D([], [], color=ACCENT, linewidth=1.6, label="within 1 point of the best"),
        Line2D([], [], color=MUTED, linestyle=(0, (4, 3)), linewidth=1.4, label="at any accuracy"),
    ]
