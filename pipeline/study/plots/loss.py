"""Per layer, the share of neurons whose count differs from the ANN's level."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.ticker import FuncFormatter, MaxNLocator

from pipeline.campaign.drawings import COLOURS, Drawing, finished
from pipeline.report.formats import percent, words
from pipeline.report.plots.style import drawing, new_figure, value_axis
from pipeline.study.plots.series import Series, time_step_axis
from pipeline.study.text import Point

_A_ROW = 4


def loss_by_layer(points: Sequence[Point], series: Series) -> Drawing | None:
    """A panel a variant that differs anywhere, a line a layer; None where nothing differs."""
    variants = [name for name in series.variants if any(_differs(point) for point in points if point.variant == name)]
    if not variants:
        return None
    shown = [point for point in points if point.variant in variants]
    layers = list(dict.fromkeys(layer for point in shown for layer in point.rows[0].loss))
    lines = -(-len(variants) // _A_ROW)
    with drawing():
        figure = new_figure(10.6, 0.6 + 2.5 * lines)
        panels = figure.subplots(lines, min(len(variants), _A_ROW), sharex=True, sharey=True, squeeze=False)
        for panel, variant in zip(panels.flat, variants, strict=False):
            own = sorted((point for point in shown if point.variant == variant), key=lambda point: point.time_steps)
            for index, layer in enumerate(layers):
                there = [point for point in own if layer in point.rows[0].loss]
                panel.plot(
                    [point.time_steps for point in there],
                    [_share(point, layer) for point in there],
                    color=COLOURS[index % len(COLOURS)],
                    marker="o",
                    markersize=4,
                    label=words(layer),
                )
            panel.set_title(variant)
            time_step_axis(panel, shown)
            panel.set_xlabel("T")
            panel.yaxis.set_major_locator(MaxNLocator(4))
            panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
            value_axis(panel, "y")
        for panel in panels.flat[len(variants) :]:
            panel.set_visible(False)
        panels.flat[0].set_ylim(bottom=0)
        figure.supylabel("neurons that differ", fontsize=9.5)
        handles, labels = panels.flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 8))
        spoken = ", ".join(
            f"{point.variant} at {point.time_steps}, {words(layer)}: {percent(_share(point, layer))}"
            for point in shown
            for layer in point.rows[0].loss
        )
        return finished(figure, "study-loss", f"Share of neurons that differ from the ANN: {spoken}.")


def _differs(point: Point) -> bool:
    return any(row.mismatches for row in point.rows)


def _share(point: Point, layer: str) -> float:
    return point.spread(lambda row: row.loss[layer]).mean
