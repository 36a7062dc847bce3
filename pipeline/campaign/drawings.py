"""Drawings that stand on a page and beside it as pictures, and what they have in common."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from model.base.files import replacing
from pipeline.report.plots.style import Plot, to_plot

# Each is a variable of the page's style sheet, --series-0 and so on.
COLOURS = ("#0a63a7", "#c2560c", "#1a7f4c", "#8a3fb0", "#b02a5b", "#0e8a94", "#8a6d0b", "#55606d")
_COST_LEADS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7))
_LEAST_COST_TICKS = 3
_DOTS_PER_INCH = 160


@dataclass(frozen=True)
class Drawing:
    """A drawing for the page, and the same as a picture."""

    plot: Plot
    png: bytes


def cost_axis(axes: Axes, label: str, which: Literal["x", "y"] = "x", spoken: Callable[[float], str] = "{:,.0f}".format) -> None:
    """A logarithmic axis of counts with at least a few round ticks; ``spoken`` writes one."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axes.set(**{f"{which}scale": "log"})
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for leads in _COST_LEADS:
        ticks = [lead * 10.0**power for power in powers for lead in leads if low <= lead * 10.0**power <= high]
        if len(ticks) >= _LEAST_COST_TICKS:
            break
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: spoken(value)))
    axis.set_label_text(label)


def finished(figure: Figure, name: str, description: str, variables: Mapping[str, str] | None = None) -> Drawing:
    """The SVG with the page's colours, and a picture on white.

    Args:
        figure: what was drawn.
        name: of the drawing on its page.
        description: read out in place of the drawing.
        variables: further colours, and the variable of the page's style sheet that each becomes.
    """
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=_DOTS_PER_INCH, facecolor="white", metadata={"Software": None})
    plot = to_plot(figure, name, description)
    svg = plot.svg
    for colour, variable in (
        {colour: f"--series-{index}" for index, colour in enumerate(COLOURS)} | dict(variables or {})
    ).items():
        svg = svg.replace(colour, f"var({variable})")
    return Drawing(Plot(svg, plot.description), stream.getvalue())


def write_pictures(drawings: Mapping[str, Drawing], folder: Path) -> None:
    """One PNG a drawing, by its name."""
    for name, drawing in drawings.items():
        with replacing(folder / f"{name}.png") as beside:
            beside.write_bytes(drawing.png)
