"""Accuracy against the energy of the counted operations: what hardware does not change."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pipeline.campaign.drawings import COLOURS, Drawing, cost_axis, finished
from pipeline.explore.grid import shown
from pipeline.explore.table import Design
from pipeline.report.formats import energy, percent
from pipeline.report.plots.style import INK, MUTED, drawing, new_figure, value_axis

_MUCH = 6
_MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")


def energy_by_accuracy(designs: Sequence[Design]) -> Drawing:
    """A mark a network: colours are weight bits, marks wire codes, labels levels; test accuracy is the end of the thin line."""
    networks = list({(design.energy, design.accuracy_validation, design.accuracy_test): design for design in designs}.values())
    bits, codes = (_values(networks, axis) for axis in ("weight_bits", "code"))
    several_levels = len(_values(networks, "levels")) > 1
    with drawing():
        figure = new_figure(10.6, 4.6)
        axes = figure.subplots()
        for design in networks:
            colour = COLOURS[bits.index(shown(design.axes["weight_bits"])) % len(COLOURS)]
            mark = _MARKS[codes.index(shown(design.axes["code"])) % len(_MARKS)]
            accuracies = [design.accuracy_validation, design.accuracy_test]
            axes.plot([design.energy] * 2, accuracies, color=colour, linewidth=1, alpha=0.5)
            axes.plot(design.energy, design.accuracy_test, "_", color=colour, markersize=8)
            axes.plot(design.energy, design.accuracy_validation, mark, color=colour, markersize=8)
            if several_levels:
                axes.annotate(
                    f"L={shown(design.axes['levels'])}",
                    (design.energy, design.accuracy_validation),
                    (8, 3),
                    textcoords="offset points",
                    fontsize=8,
                    color=MUTED,
                )
        axes.margins(0.08, 0.12)
        _energy_axis(axes)
        axes.yaxis.set_major_locator(MaxNLocator(6))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
        axes.set_ylabel("accuracy")
        value_axis(axes, "y")
        figure.legend(handles=_legend(bits, codes), loc="outside lower center", ncols=6, handlelength=1.6)
        spoken = "; ".join(f"{energy(design.energy)}: {percent(design.accuracy_validation)}" for design in networks)
        return finished(figure, "explore-energy", f"Validation accuracy by energy: {spoken}.")


def _energy_axis(axes: Axes) -> None:
    """Logarithmic where energies differ by much."""
    low, high = axes.get_xlim()
    label = "energy of the counted operations, an image"
    if low > 0 and high > _MUCH * low:
        cost_axis(axes, label, spoken=energy)
        return
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: energy(value)))
    axes.set_xlabel(label)


def _legend(bits: Sequence[str], codes: Sequence[str]) -> list[Line2D]:
    colours = [COLOURS[at % len(COLOURS)] for at in range(len(bits))]
    handles = [
        Line2D([], [], color=colour, linewidth=2.4, label=f"{value}-bit weights")
        for value, colour in zip(bits, colours, strict=True)
    ]
    handles += [
        Line2D([], [], color=MUTED, linestyle="", marker=_MARKS[at % len(_MARKS)], label=code) for at, code in enumerate(codes)
    ]
    return [
        *handles,
        Line2D([], [], color=INK, linestyle="", marker="o", label="on validation images"),
        Line2D([], [], color=INK, linestyle="", marker="_", markersize=8, label="on test images"),
    ]


def _values(designs: Sequence[Design], axis: str) -> list[str]:
    return list(dict.fromkeys(shown(design.axes[axis]) for design in designs))
