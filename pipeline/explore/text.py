"""What an exploration comes to, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.explore.table import Design, ModelError
from pipeline.report.formats import count, energy, percent

FIGURES = {"lut": "LUT", "latency_cycles": "latency", "interval_cycles": "interval"}
"""Names of the figures that models predict."""


def front_of(designs: Sequence[Design]) -> list[Design]:
    """Designs on the front, the most accurate first."""
    kept = [design for design in designs if design.on_front]
    return sorted(kept, key=lambda design: (-design.accuracy_validation, design.latency_cycles, design.lut))


def summary_lines(designs: Sequence[Design]) -> list[tuple[str, ...]]:
    """A heading and a line a design of the front, for the terminal."""
    lines: list[tuple[str, ...]] = [("on the front", "validation", "test", "latency", "interval", "LUT", "energy")]
    for design in front_of(designs):
        interval = "" if design.interval_cycles is None else count(round(design.interval_cycles))
        lines.append(
            (
                design.title,
                percent(design.accuracy_validation),
                percent(design.accuracy_test),
                count(round(design.latency_cycles)),
                interval,
                count(round(design.lut)),
                energy(design.energy),
            )
        )
    return lines


def error_lines(errors: Mapping[str, ModelError]) -> list[str]:
    """A line a figure that was predicted and measured."""
    return [
        f"predicted {FIGURES[figure]} against measured, {error.rows} cores: median error {percent(error.median)},"
        f" worst {percent(error.worst)}{f' ({error.worst_row})' if error.worst_row else ''}, {error.exact} exact"
        for figure, error in errors.items()
    ]
