"""One colour a variant, one mark a code, the same in every plot; and the axis that accuracies are drawn on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from pipeline.campaign.drawings import COLOURS
from pipeline.report.formats import percent
from pipeline.report.plots.style import MUTED, new_figure, value_axis
from pipeline.study.text import Point, Spread

MARKS = {"unary": "o", "bits": "s", "count": "^", "auto": "D", "train": "X"}
_DASHES: tuple[object, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)))
# Coarse ticks first; finer ones where there is room for them.
_TICKS = (
    (0.0, 0.5, 0.9, 0.99, 0.999),
    (0.8, 0.95, 0.98, 0.995, 0.998),
    (0.3, 0.7, 0.85, 0.93, 0.97, 0.985),
    (0.1, 0.2, 0.4, 0.6, 0.92, 0.94, 0.96, 0.975, 0.982, 0.988, 0.992, 0.994, 0.997),
)
_MOST_TICKS = 8
_LEAST_TICK_DISTANCE = 0.25
_FLOOR_ERRORS = 5


@dataclass(frozen=True)
class Series:
    """Colours and dashes of the variants, in the order of the table."""

    variants: tuple[str, ...]

    @staticmethod
    def of(points: Iterable[Point]) -> Series:
        """All variants of a table."""
        return Series(tuple(dict.fromkeys(point.variant for point in points)))

    def colour(self, variant: str) -> str:
        """Eight colours; after that they come again with other dashes."""
        return COLOURS[self.variants.index(variant) % len(COLOURS)]

    def dashes(self, variant: str) -> object:
        """Of the line."""
        return _DASHES[self.variants.index(variant) // len(COLOURS) % len(_DASHES)]

    def legend(self, figure: Figure, codes: Sequence[str] = (), columns: int = 4) -> None:
        """Variants by colour, and codes by mark where there are several."""
        handles = [
            Line2D([], [], color=self.colour(name), linestyle=self.dashes(name), linewidth=2.2, label=name)  # type: ignore[arg-type]
            for name in self.variants
        ]
        if len(codes) > 1:
            handles += [Line2D([], [], color=MUTED, linestyle="", marker=MARKS[code], markersize=6, label=code) for code in codes]
        figure.legend(handles=handles, loc="outside lower center", ncols=min(columns, len(handles)), handlelength=1.8)


def codes_of(points: Iterable[Point]) -> list[str]:
    """Codes that occur, in the order of the marks."""
    there = {point.code for point in points}
    return [code for code in MARKS if code in there]


def lines_of(points: Sequence[Point], series: Series) -> list[list[Point]]:
    """The points of every variant and code, by time steps."""
    together: dict[tuple[str, str], list[Point]] = {}
    for point in points:
        together.setdefault((point.variant, point.code), []).append(point)
    lines = [together.get((variant, code), []) for variant in series.variants for code in codes_of(points)]
    return [sorted(line, key=lambda point: point.time_steps) for line in lines if line]


def half_width_figure(series: Series, codes: Sequence[str]) -> Figure:
    """A figure for half of the page's width, as high as its legend asks for."""
    return new_figure(5.2, 4.3 + 0.16 * ((len(series.variants) + len(codes)) // 3))


def stretched(accuracy: float, images: int) -> float:
    """−log10 of the share of errors, so that 90, 99 and 99.9 % are equally far apart; no error counts as half of one."""
    return -math.log10(max(1 - accuracy, 0.5 / images))


def stretched_spread(spread: Spread, images: int) -> tuple[float, float, float]:
    """Mean, and how far least and most are from it."""
    middle = stretched(spread.mean, images)
    return middle, middle - stretched(spread.low, images), stretched(spread.high, images) - middle


def accuracy_axis(axes: Axes, points: Sequence[Point]) -> None:
    """Ticks at round accuracies, as many as there is room for; points far below the others are named, not drawn."""
    low, high = axes.get_ylim()
    floor = accuracy_floor(points)
    low = max(low, -0.03, stretched(floor, 10**6))
    below = [point for point in points if _accuracy(point) < floor]
    if below:
        axes.text(0.01, 0.015, "\n".join(_named_below(below)), transform=axes.transAxes, fontsize="small", color=MUTED)
    ticks: list[float] = []
    for finer in _TICKS:
        more = [tick for tick in finer if low <= stretched(tick, 10**6) <= high]
        ticks += more if len(ticks) + len(more) <= _MOST_TICKS else []
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(FixedLocator([stretched(tick, 10**6) for tick in ticks]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * (1 - 10**-value):.4g} %"))
    axes.set_ylabel("test accuracy")
    value_axis(axes, "y")


def accuracy_floor(points: Sequence[Point]) -> float:
    """Where the axis begins: at so many times the errors of the middle point that the good ones stay apart."""
    return 1 - min(_FLOOR_ERRORS * (1 - float(np.median([_accuracy(point) for point in points]))), 1)


def _accuracy(point: Point) -> float:
    return point.spread(lambda row: row.accuracy).mean


def _named_below(points: Sequence[Point]) -> list[str]:
    """A line a variant with what lies below the axis."""
    found: dict[str, dict[int, str]] = {}
    for point in sorted(points, key=lambda point: point.time_steps):
        found.setdefault(point.variant, {})[point.time_steps] = percent(_accuracy(point))
    return [
        f"below: {variant} {', '.join(f'{accuracy} at T = {steps}' for steps, accuracy in by_steps.items())}"
        for variant, by_steps in found.items()
    ]


def time_step_axis(axes: Axes, points: Iterable[Point]) -> None:
    """Powers of two at equal distances, ticks where there are rows."""
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator(time_step_ticks({point.time_steps for point in points})))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlabel("T: time steps of causal methods, levels of the others")


def time_step_ticks(steps: Iterable[int]) -> list[int]:
    """Powers of two first, then every other number that is not so near to one that their labels would meet."""
    chosen: list[int] = []
    for step in sorted(steps, key=lambda step: (step & (step - 1) != 0, step)):
        if all(abs(math.log2(step / other)) >= _LEAST_TICK_DISTANCE for other in chosen):
            chosen.append(step)
    return sorted(chosen)


def spoken(point: Point) -> str:
    """A point for those who cannot see the drawing."""
    accuracy = float(np.mean([row.accuracy for row in point.rows]))
    return f"{point.variant} at {point.time_steps}: {percent(accuracy)}"
