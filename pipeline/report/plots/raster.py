"""One image on its way through the network: pixels, the spikes of every layer at every time step, scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.ticker import MaxNLocator

from model.golden import GoldenResult
from pipeline.report.formats import count
from pipeline.report.plots.style import ACCENT, CONTRAST, GRID, MUTED, Plot, drawing, new_figure, to_plot, value_axis

_HEIGHT = 3.1
_LABELLED_STEPS = 8
_MOST_SHAPES = 6000
"""With more spikes than these, a raster is drawn as pixels."""


@dataclass(frozen=True)
class Raster:
    """The panels of one image.

    Attributes:
        image: index in the test set.
        label: its class.
        guess: the class that the network says.
        panels: title and drawing, in the order in which the image passes through them.
    """

    image: int
    label: int
    guess: int
    panels: tuple[tuple[str, Plot], ...]


def draw_raster(pixels: npt.NDArray[np.uint8], label: int, result: GoldenResult, image: int) -> Raster:
    """Draw what the golden simulator did for one image.

    Args:
        pixels: the image, (rows, columns) uint8.
        label: its class.
        result: golden result of the whole test set.
        image: index of the image in it.
    """
    panels = [("pixels", _pixels_plot(pixels)), ("input", _spikes_plot("input", result.input_spikes[:, image]))]
    for name, trace in result.layers.items():
        if len(trace.spikes):
            panels.append((name, _spikes_plot(name, trace.spikes[:, image])))
    panels.append(("scores", _scores_plot(result.scores[image], label)))
    return Raster(image, label, int(result.classes[image]), tuple(panels))


def _pixels_plot(pixels: npt.NDArray[np.uint8]) -> Plot:
    with drawing():
        rows, columns = np.atleast_2d(pixels).shape
        figure = new_figure(2.3, 2.6)
        axes = figure.subplots()
        axes.imshow(np.atleast_2d(pixels), cmap="gray_r", vmin=0, vmax=255, interpolation="none")
        axes.set_xticks([0, columns - 1] if columns > 1 else [0])
        axes.set_yticks([0, rows - 1] if rows > 1 else [0])
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(True)
            spine.set_color(GRID)
        axes.set_xlabel(f"{rows} by {columns} pixels")
        return to_plot(figure, "raster-pixels", f"The image, {rows} rows and {columns} columns.")


def _spikes_plot(name: str, spikes: npt.NDArray[np.int8]) -> Plot:
    """A cell for every event, darker for more spikes, another colour for negative ones; time steps from left to right."""
    steps, channels = spikes.shape
    with drawing():
        figure = new_figure(min(1.15 + 0.28 * steps, 5.2), _HEIGHT)
        axes = figure.subplots()
        step, channel = np.nonzero(spikes)
        left, top = step + 0.56, channel - 0.5
        # A spike stays visible where a channel is less than a pixel high.
        height = max(1.0, channels / 260)
        corners = np.stack(
            [
                np.stack([left, top], axis=1),
                np.stack([left + 0.88, top], axis=1),
                np.stack([left + 0.88, top + height], axis=1),
                np.stack([left, top + height], axis=1),
            ],
            axis=1,
        )
        axes.add_collection(
            PolyCollection(
                list(corners), facecolors=_colours(spikes[step, channel]), edgecolors="none", rasterized=len(step) > _MOST_SHAPES
            )
        )
        axes.set_xlim(0.4, steps + 0.6)
        axes.set_ylim(channels - 0.5, -0.5)
        if steps <= _LABELLED_STEPS:
            axes.set_xticks(range(1, steps + 1))
        else:
            axes.xaxis.set_major_locator(MaxNLocator(_LABELLED_STEPS, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
        axes.set_xlabel("time step")
        axes.tick_params(length=2)
        negative = int(np.count_nonzero(spikes < 0))
        events = f"{count(len(step))} spikes{f', {count(negative)} of them negative,' if negative else ''}"
        return to_plot(figure, f"raster-{name}", f"{events} of {count(channels)} channels in {count(steps)} time steps.")


def _colours(values: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    """(events, 4): the colour of the sign; the weakest event keeps a third of its strength."""
    colours = np.where((values < 0)[:, None], to_rgba(CONTRAST), to_rgba(ACCENT))
    most = int(np.abs(values).max(initial=1))
    if most > 1:
        colours[:, 3] = (1 + 2 * (np.abs(values.astype(float)) - 1) / (most - 1)) / 3
    return colours


def _scores_plot(scores: npt.NDArray[np.int32], label: int) -> Plot:
    winner = int(scores.argmax())
    with drawing():
        figure = new_figure(2.6, _HEIGHT)
        axes = figure.subplots()
        colours = [ACCENT if index == winner else MUTED for index in range(len(scores))]
        axes.barh(range(len(scores)), scores, color=colours, height=0.62)
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.set_yticks(range(len(scores)))
        axes.invert_yaxis()
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.set_xlabel("readout potential")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        value_axis(axes, "x")
        return to_plot(figure, "raster-scores", f"Scores of {len(scores)} classes; class {winner} wins, the label is {label}.")
