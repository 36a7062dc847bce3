"""Accuracy along the chain, the training that led to it, and what a causal method loses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from matplotlib.ticker import FuncFormatter, MaxNLocator

from pipeline.report.formats import percent, words
from pipeline.report.plots.style import (
    ACCENT,
    CONTRAST,
    GRID,
    INK,
    MUTED,
    Plot,
    category_axis,
    drawing,
    new_figure,
    to_plot,
    value_axis,
)
from pipeline.report.schema import Accuracy, Loss

STAGES = {
    "trained": "trained network",
    "ann": "folded and rounded",
    "reference": "integer reference",
    "golden": "golden SNN",
    "hls": "HLS C simulation",
    "rtl": "RTL simulation",
}
_NORMAL_95 = 1.959964


def binomial_interval(share: float, images: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share that was measured on ``images`` images."""
    square = _NORMAL_95**2
    centre = (share + square / (2 * images)) / (1 + square / images)
    spread = _NORMAL_95 / (1 + square / images) * math.sqrt(share * (1 - share) / images + square / (4 * images**2))
    return max(centre - spread, 0.0), min(centre + spread, 1.0)


def accuracy_plot(accuracy: Accuracy) -> Plot:
    """One point a stage with the interval that the number of images leaves open."""
    shares = [float(getattr(accuracy, stage)) for stage in STAGES]
    images = [getattr(accuracy, f"{stage}_images", accuracy.test_images) for stage in STAGES]
    intervals = [binomial_interval(share, number) for share, number in zip(shares, images, strict=True)]
    with drawing():
        figure = new_figure(5.2, 2.7)
        axes = figure.subplots()
        rows = range(len(shares))
        for row, share, (low, high) in zip(rows, shares, intervals, strict=True):
            axes.plot([low, high], [row, row], color=GRID, linewidth=7, solid_capstyle="round")
            axes.plot(share, row, "o", color=ACCENT if row else MUTED, markersize=7)
            axes.annotate(percent(share), (high, row), (10, 0), textcoords="offset points", va="center", fontweight="bold")
        axes.set_yticks(rows, [_label(stage, number, accuracy) for stage, number in zip(STAGES.values(), images, strict=True)])
        axes.invert_yaxis()
        low, high = min(low for low, _ in intervals), max(high for _, high in intervals)
        axes.set_xlim(low - 0.08 * (high - low), high + 0.45 * (high - low))
        ticks = MaxNLocator(4).tick_values(low, high)
        axes.set_xticks([tick for tick in ticks if axes.get_xlim()[0] <= tick <= 1])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
        value_axis(axes, "x")
        category_axis(axes, "y")
        axes.spines["left"].set_visible(False)
        spoken = ", ".join(f"{label} {percent(share)}" for label, share in zip(STAGES.values(), shares, strict=True))
        return to_plot(figure, "accuracy", f"Test accuracy by stage: {spoken}.")


def _label(stage: str, images: int, accuracy: Accuracy) -> str:
    return stage if images == accuracy.test_images else f"{stage}\n({images:,} images)"


def training_plot(history: Sequence[Mapping[str, float]], best_epoch: int) -> Plot:
    """Loss and validation accuracy over the epochs, with the one that was selected."""
    epochs = [int(entry["epoch"]) for entry in history]
    accuracies = [entry["validation_accuracy"] for entry in history]
    with drawing():
        figure = new_figure(5.2, 2.7)
        above, below = figure.subplots(2, 1, sharex=True)
        above.plot(epochs, accuracies, color=ACCENT, linewidth=1.8)
        above.set_title("Validation accuracy")
        above.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
        above.yaxis.set_major_locator(MaxNLocator(3))
        below.plot(epochs, [entry["loss"] for entry in history], color=MUTED, linewidth=1.8)
        below.set_title("Training loss")
        below.set_ylim(bottom=0)
        below.yaxis.set_major_locator(MaxNLocator(3))
        below.set_xlabel("epoch")
        below.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        for axes in (above, below):
            axes.axvline(best_epoch, color=CONTRAST, linewidth=1, linestyle=(0, (3, 3)))
            value_axis(axes, "y")
        if best_epoch in epochs:
            best = accuracies[epochs.index(best_epoch)]
            above.plot(best_epoch, best, "o", color=CONTRAST, markersize=6)
        return to_plot(
            figure, "training", f"Validation accuracy and loss over {len(epochs)} epochs; epoch {best_epoch} was selected."
        )


def loss_plot(losses: Mapping[str, Loss]) -> Plot:
    """Share of the values of every layer of a causal network that differ from its ANN."""
    shares = [loss.share_of_different_values for loss in losses.values()]
    with drawing():
        figure = new_figure(5.2, 0.9 + 0.38 * len(losses))
        axes = figure.subplots()
        axes.barh(range(len(shares)), shares, color=CONTRAST, height=0.55)
        for row, share in enumerate(shares):
            axes.annotate(percent(share), (share, row), (6, 0), textcoords="offset points", va="center", color=INK)
        axes.set_yticks(range(len(shares)), [words(name) for name in losses])
        axes.invert_yaxis()
        axes.set_xlim(0, max(*shares, 0.01) * 1.25)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
        axes.set_xlabel("values that differ from the ANN")
        value_axis(axes, "x")
        category_axis(axes, "y")
        spoken = ", ".join(f"{name} {percent(share)}" for name, share in zip(losses, shares, strict=True))
        return to_plot(figure, "loss", f"Values that differ from the ANN: {spoken}.")
