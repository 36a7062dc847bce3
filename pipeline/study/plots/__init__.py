"""The drawings of a study: inline SVG for the page, and the same as pictures beside the table."""

from __future__ import annotations

from dataclasses import dataclass

from model.energy import TABLES
from pipeline.campaign.drawings import Drawing
from pipeline.study.plots.accuracy import accuracy_by_cost, accuracy_by_time_steps
from pipeline.study.plots.energy import energy_by_time_steps
from pipeline.study.plots.loss import loss_by_layer
from pipeline.study.plots.series import Series
from pipeline.study.table import Table
from pipeline.study.text import points_of

__all__ = ["Drawing", "StudyPlots", "draw_plots"]


@dataclass(frozen=True)
class StudyPlots:
    """Every drawing; ``loss`` is None where nothing differs from its ANN."""

    accuracy: Drawing
    operations: Drawing
    cycles: Drawing
    energy: dict[str, Drawing]
    loss: Drawing | None

    @property
    def by_name(self) -> dict[str, Drawing]:
        """All of them, by the name of their picture."""
        drawings = {"accuracy": self.accuracy, "operations": self.operations, "cycles": self.cycles}
        drawings |= {f"energy-{key}": drawing for key, drawing in self.energy.items()}
        return drawings if self.loss is None else {**drawings, "loss": self.loss}


def draw_plots(table: Table) -> StudyPlots:
    """Draw everything."""
    points = points_of(table.rows)
    series = Series.of(points)
    return StudyPlots(
        accuracy=accuracy_by_time_steps(points, series),
        operations=accuracy_by_cost(points, series, "operations", "operations per image", lambda row: row.operations),
        cycles=accuracy_by_cost(points, series, "cycles", "cycles per image, all layers", lambda row: row.cycles_sum),
        energy={prices.key: energy_by_time_steps(points, series, prices.key) for prices in TABLES},
        loss=loss_by_layer(points, series),
    )
