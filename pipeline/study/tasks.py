"""What workers execute beside trainings: a row, its simulations. Each finds its result or makes it, and says what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model.base.files import read_json
from pipeline.campaign.steps import CONVERT, FOLD, GOLDEN, Job, run_step
from pipeline.campaign.store import Store
from pipeline.campaign.tasks import configuration_in, logged, same_inputs
from pipeline.inputs import Inputs
from pipeline.study import measure, simulations
from pipeline.study.steps import ROW, SIMULATIONS

ROWS, RTL = "rows", "rtl"
ROW_TASK, SIMULATE_TASK = f"{__name__}.row", f"{__name__}.simulate"


def row(job: Job) -> dict[str, Any]:
    """Convert and simulate; the figures of one row of the table."""
    config, store = configuration_in(job), Store(Path(job["root"]))
    own = same_inputs(job["inputs"], ROW, config, data=job["data_digest"], train=job["train_digest"])
    data, training = Path(job["data"]), Path(job["training"])

    def action(partial: Path) -> list[str]:
        converted, folded, golden = partial / "convert", partial / "fold", partial / "golden"
        failures = run_step(CONVERT, config, {"data": data, "train": training}, converted)
        failures += run_step(FOLD, config, {"data": data, "convert": converted}, folded)
        failures += run_step(GOLDEN, config, {"data": data, "fold": folded}, golden)
        measure.write_figures(config, data, training, partial)
        # Every spike of every row would fill the disk; the next reader simulates the frames that it needs.
        (golden / "golden.npz").unlink()
        return failures

    with logged(job, "row", own):
        return _row_in(store, *store.bring(ROWS, own, action))


def simulate(job: Job) -> dict[str, Any] | None:
    """Take a row's network through HLS and RTL; None where the row itself failed."""
    config, store = configuration_in(job), Store(Path(job["root"]))
    own = same_inputs(job["inputs"], SIMULATIONS, config, data=job["data_digest"], row=job["row_digest"])
    data, folded = Path(job["data"]), Path(job["row"]) / "fold"
    if not folded.is_dir():
        return None

    def action(partial: Path) -> list[str]:
        return simulations.simulate(config, data, folded, partial)

    with logged(job, "rtl", own):
        return _simulations_in(*store.bring(RTL, own, action))


def found_row(store: Store, own: Inputs) -> dict[str, Any]:
    """What ``row`` returned when the row was made."""
    return _row_in(store, store.folder(ROWS, own), [])


def found_simulations(store: Store, own: Inputs) -> dict[str, Any]:
    """What ``simulate`` returned when they were made."""
    return _simulations_in(store.folder(RTL, own), [])


def _row_in(store: Store, folder: Path, failures: list[str]) -> dict[str, Any]:
    return {**read_json(folder / measure.FILE), "seconds": store.seconds(folder), "failures": failures}


def _simulations_in(folder: Path, failures: list[str]) -> dict[str, Any]:
    return {**read_json(folder / simulations.FILE), "failures": failures}
