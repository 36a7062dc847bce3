"""One look for every plot: palette, type, and an SVG that takes its colours and font from the page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Every colour is a name on the page: the page's style sheet gives each variable a value for light, dark and print.
INK, MUTED, GRID, PAPER = "#1c2530", "#5d6b7a", "#dfe4ea", "#ffffff"
ACCENT, CONTRAST = "#0b62a8", "#c2570c"
GOOD, BAD = "#1a7f4b", "#c22f2f"
TINTS = ("#0b62a9", "#4f9bd6", "#a9cfee", "#d9a13b")
VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    PAPER: "--card",
    ACCENT: "--accent",
    CONTRAST: "--contrast",
    GOOD: "--good",
    BAD: "--bad",
    TINTS[0]: "--tint-0",
    TINTS[1]: "--tint-1",
    TINTS[2]: "--tint-2",
    TINTS[3]: "--tint-3",
}

_RC = {
    "svg.fonttype": "none",
    "svg.hashsalt": "isospike",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9.5,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


@dataclass(frozen=True)
class Plot:
    """A drawing for the page: the SVG element and what it shows, for those who cannot see it."""

    svg: str
    description: str


@contextmanager
def drawing() -> Iterator[None]:
    """The settings that every figure is made and saved under."""
    with mpl.rc_context(_RC):  # type: ignore[arg-type]
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure; sizes in inches, 96 page pixels each."""
    return Figure(figsize=(width, height), layout="constrained")


def value_axis(axes: Axes, axis: str) -> None:
    """A quiet axis that carries values: grid lines, no spine, no tick marks."""
    axes.grid(axis="x" if axis == "x" else "y")
    axes.spines["bottom" if axis == "x" else "left"].set_visible(False)
    axes.tick_params(axis="x" if axis == "x" else "y", length=0)


def category_axis(axes: Axes, axis: str) -> None:
    """An axis of names: no tick marks, names in ink."""
    axes.tick_params(axis="x" if axis == "x" else "y", length=0, labelcolor=INK)


def to_plot(figure: Figure, name: str, description: str) -> Plot:
    """Turn a figure into an SVG element for the page.

    Args:
        figure: what was drawn.
        name: makes the identifiers inside of the drawing unique on the page.
        description: read out in place of the drawing.
    """
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = stream.getvalue()
    svg = text[text.index("<svg") :]
    svg = re.sub(r"<style.*?</style>\s*|<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r' id="(?:figure|axes|patch|text|line2d|matplotlib|xtick|ytick|legend|[A-Za-z]+Collection)[.\w]*"', "", svg)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r"(px|font-family:) 'DejaVu Sans'[^;\"]*", r"\1 var(--font)", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    return Plot(re.sub(r'^<svg [^>]*?(viewBox="[^"]*")[^>]*>', _opening(figure, r"\1"), svg, count=1), description)


def _opening(figure: Figure, view_box: str) -> str:
    """The opening tag, as wide as the figure; the style sheet makes it smaller on a narrow page."""
    width = figure.get_size_inches()[0] * 96
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {view_box} aria-hidden="true"'
        f' style="width: {width:.0f}px">'
    )
