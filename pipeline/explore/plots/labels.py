"""Labels beside marks, each where it covers the fewest marks and none of the labels before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from pipeline.report.plots.style import INK

Place = tuple[float, float]
_FONT = 8.5
_CHARACTER, _LINE = 0.62 * _FONT, 1.1 * _FONT
_HALF_MARK = 5.5
_STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
_DISTANCES = (9.0, 16.0, 24.0)
Box = tuple[float, float, float, float]


def place_labels(axes: Axes, labels: Mapping[Place, str], marks: Sequence[Place]) -> None:
    """Write a label beside each place, after the limits of the axes were set; far ones get a thin line.

    Args:
        axes: with its final limits.
        labels: text by place, in the order of precedence.
        marks: every place that a label should leave free.
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        return
    figure.draw_without_rendering()
    scale = 72 / figure.dpi
    on_paper = {place: (axes.transData.transform(place) * scale).tolist() for place in {*labels, *marks}}
    taken: list[Box] = [_box(on_paper[place][0], on_paper[place][1], _HALF_MARK, _HALF_MARK) for place in marks]
    for place, text in labels.items():
        x, y = on_paper[place]
        half_width, half_height = len(text) * _CHARACTER / 2, _LINE / 2
        offsets = [
            (step_x * (distance + half_width - 4), step_y * distance) for distance in _DISTANCES for step_x, step_y in _STEPS
        ]
        boxes = [_box(x + aside, y + above, half_width, half_height) for aside, above in offsets]
        covered = [sum(_overlap(box, other) for other in taken) + 0.3 * at for at, box in enumerate(boxes)]
        best = covered.index(min(covered))
        taken.append(boxes[best])
        line = {"arrowstyle": "-", "color": INK, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 4} if best >= len(_STEPS) else None
        axes.annotate(
            text, place, offsets[best], textcoords="offset points", fontsize=_FONT, color=INK, ha="center", va="center",
            zorder=5, arrowprops=line,
        )  # fmt: skip


def _box(x: float, y: float, half_width: float, half_height: float) -> Box:
    return x - half_width, y - half_height, x + half_width, y + half_height


def _overlap(one: Box, other: Box) -> float:
    """Area that both cover, in square points."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)
