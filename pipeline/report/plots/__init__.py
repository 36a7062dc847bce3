"""The drawings of the page, made by matplotlib as inline SVG."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.base.errors import UserError
from model.golden import GoldenResult
from pipeline.report.growth import FrameCosts
from pipeline.report.plots.accuracy import accuracy_plot, loss_plot, training_plot
from pipeline.report.plots.activity import operations_plot, spikes_plot
from pipeline.report.plots.energy import break_even_plot, energy_plot
from pipeline.report.plots.growth import growth_plot
from pipeline.report.plots.hardware import cycles_plot, seconds_plot
from pipeline.report.plots.raster import Raster, draw_raster
from pipeline.report.plots.style import Plot
from pipeline.report.schema import Report
from pipeline.report.sources import BuildFiles

__all__ = ["Plot", "Plots", "Raster", "draw_plots"]

_RASTER_IMAGE = 0


@dataclass(frozen=True)
class Plots:
    """Every drawing of a report; ``loss`` only for causal methods, ``growth`` where frames differ in events."""

    accuracy: Plot
    training: Plot
    loss: Plot | None
    spikes: Plot
    operations: Plot
    energy: dict[str, Plot]
    break_even: Plot
    cycles: Plot
    growth: Plot | None
    seconds: Plot
    raster: Raster


def draw_plots(report: Report, files: BuildFiles, golden: GoldenResult, costs: FrameCosts) -> Plots:
    """Draw everything.

    Args:
        report: all figures but the time of this step.
        files: the build, for the training history and the test images.
        golden: golden result of the simulated images.
        costs: events and cycles of the frames that the RTL simulation ran.

    Raises:
        UserError: the training history or the test images are missing or damaged.
    """
    account, growth = report.energy.model_dump(), report.hardware.latency_growth
    return Plots(
        accuracy=accuracy_plot(report.accuracy),
        training=training_plot(files.read("train/train.json", "history"), files.read("train/train.json", "best_epoch")),
        loss=None if report.loss_by_layer is None else loss_plot(report.loss_by_layer),
        spikes=spikes_plot(account["counts"]),
        operations=operations_plot(account["counts"]),
        energy={table: energy_plot(account, table) for table in account["tables"]},
        break_even=break_even_plot(account),
        cycles=cycles_plot(report.hardware.latency_cycles, report.hardware.interval_cycles_range),
        growth=None if growth is None else growth_plot(costs, growth),
        seconds=seconds_plot(report.seconds),
        raster=_raster(files, golden),
    )


def _raster(files: BuildFiles, golden: GoldenResult) -> Raster:
    path = files.folder / "data/dataset.npz"
    try:
        with np.load(path) as archive:
            pixels, labels = archive["test_images"], archive["test_labels"]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{path}: no readable test images ({error}); run the data step again") from error
    return draw_raster(pixels[_RASTER_IMAGE], int(labels[_RASTER_IMAGE]), golden, _RASTER_IMAGE)
