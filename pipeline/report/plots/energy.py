"""Energy by price table beside the baselines, and where the spiking network stops being the cheaper one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pipeline.report.formats import energy, significant
from pipeline.report.plots.style import (
    ACCENT,
    CONTRAST,
    GOOD,
    INK,
    MUTED,
    TINTS,
    Plot,
    category_axis,
    drawing,
    new_figure,
    to_plot,
    value_axis,
)

GROUPS = ("arithmetic", "weights", "potentials", "constants")


def energy_plot(account: Mapping[str, Any], table: str) -> Plot:
    """The spiking network and its baselines by one table, arithmetic and memory apart."""
    prices = {"spiking": account["tables"][table]["spiking"]}
    prices |= {baseline["short"]: baseline["energy"][table] for baseline in account["baselines"].values()}
    groups = [group for group in GROUPS if any(group in price["groups"] for price in prices.values())]
    with drawing():
        figure = new_figure(5.2, 2.0 if len(groups) == 1 else 2.3)
        axes = figure.subplots()
        for row, price in enumerate(prices.values()):
            left = 0.0
            for tint, group in zip(TINTS, groups, strict=False):
                width = price["groups"].get(group, 0.0) / 1000
                axes.barh(row, width, left=left, color=tint, height=0.6, label=group if row == 0 else None)
                left += width
            axes.annotate(energy(price["total"]), (left, row), (6, 0), textcoords="offset points", va="center", fontweight="bold")
        axes.set_yticks(range(len(prices)), list(prices))
        axes.invert_yaxis()
        axes.set_xlim(0, max(price["total"] for price in prices.values()) / 1000 * 1.25 or 1.0)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.set_xlabel("nJ per image, 45 nm constants")
        value_axis(axes, "x")
        category_axis(axes, "y")
        if len(groups) > 1:
            figure.legend(loc="outside upper left", ncols=len(groups), handlelength=0.9, handleheight=0.9, columnspacing=1.2)
        spoken = ", ".join(f"{name} {energy(price['total'])}" for name, price in prices.items())
        return to_plot(figure, f"energy-{table}", f"Energy per image, {account['tables'][table]['title']}: {spoken}.")


def break_even_plot(account: Mapping[str, Any]) -> Plot:
    """Break-even spikes a synapse for every table and baseline, beside the measured ones."""
    rows = [(table, baseline, point) for table, points in account["break_even"].items() for baseline, point in points.items()]
    measured = rows[0][2]["measured_spikes_per_synapse"]
    crossings = [point["spikes_per_synapse"] for _, _, point in rows if point["spikes_per_synapse"]]
    shown = [value for value in (measured, *crossings) if value > 0] or [1.0]
    low, high = min(shown), max(shown)
    with drawing():
        figure = new_figure(5.2, 4.4)
        panels = figure.subplots(len(account["break_even"]), 1, sharex=True)
        for axes, (table, points) in zip(panels, account["break_even"].items(), strict=True):
            axes.set_title(account["tables"][table]["title"])
            axes.set_xscale("log")
            axes.set_xlim(low / 2.2, high * 2.6)
            if measured > 0:
                axes.axvline(measured, color=ACCENT, linewidth=2)
            for row, point in enumerate(points.values()):
                _crossing(axes, row, point["spikes_per_synapse"], measured)
            axes.set_yticks(range(len(points)), [account["baselines"][baseline]["short"] for baseline in points])
            axes.set_ylim(len(points) - 0.4, -0.6)
            axes.minorticks_off()
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            value_axis(axes, "x")
            category_axis(axes, "y")
        panels[-1].set_xlabel(f"spikes per synapse and image; line: measured {significant(measured)}")
        spoken = "; ".join(
            f"{table} against {baseline} {significant(point['spikes_per_synapse']) if point['spikes_per_synapse'] else 'never'}"
            for table, baseline, point in rows
        )
        return to_plot(figure, "break-even", f"Break-even spikes per synapse, measured {significant(measured)}: {spoken}.")


def _crossing(axes: Axes, row: int, crossing: float | None, measured: float) -> None:
    """A circle to the right of the measured line where the spiking network is the cheaper one, a cross to the left where not."""
    if not crossing:
        axes.annotate(
            "dearer without a spike",
            (0, row),
            (6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            color=MUTED,
            fontsize=9,
        )
        return
    cheaper = crossing > measured
    colour, side = (GOOD, 1) if cheaper else (CONTRAST, -1)
    axes.plot([measured, crossing], [row, row], color=colour, linewidth=1.4)
    axes.plot(crossing, row, "o" if cheaper else "X", color=colour, markersize=8)
    axes.annotate(
        significant(crossing),
        (crossing, row),
        (9 * side, 0),
        textcoords="offset points",
        va="center",
        ha="left" if cheaper else "right",
        fontsize=9,
        color=INK,
    )
