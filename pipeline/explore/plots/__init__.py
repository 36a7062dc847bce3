"""The drawings of an exploration: inline SVG for the page, and the same as pictures beside the table."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.campaign.drawings import Drawing
from pipeline.explore.plots.energy import energy_by_accuracy
from pipeline.explore.plots.front import front_plot
from pipeline.explore.plots.models import models_plot
from pipeline.explore.table import Table

__all__ = ["Drawing", "ExplorePlots", "draw_plots"]


@dataclass(frozen=True)
class ExplorePlots:
    """Every drawing; ``models`` is None where nothing was measured."""

    front: Drawing
    energy: Drawing
    models: Drawing | None

    @property
    def by_name(self) -> dict[str, Drawing]:
        """All of them, by the name of their picture."""
        drawings = {"front": self.front, "energy": self.energy}
        return drawings if self.models is None else {**drawings, "models": self.models}


def draw_plots(table: Table) -> ExplorePlots:
    """Draw everything."""
    return ExplorePlots(
        front=front_plot(table.designs, table.front.basis),
        energy=energy_by_accuracy(table.designs),
        models=models_plot(table.rows, table.model_error) if table.model_error else None,
    )
