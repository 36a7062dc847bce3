"""A whole study: data, trainings, rows and simulations, as far as they are not there yet."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.campaign.cluster import Workers
from pipeline.campaign.connection import collected
from pipeline.campaign.images import Images, first_images, whole_dataset
from pipeline.campaign.store import Store
from pipeline.campaign.tasks import TRAININGS
from pipeline.campaign.trainings import submit_trainings
from pipeline.study import tasks
from pipeline.study.grid import Grid
from pipeline.study.load import StudyFile
from pipeline.study.plan import Jobs, Missing, Plan, missing_results, plan_study
from pipeline.study.table import Row
from pipeline.workplace import Workplace

Connect = Callable[[], AbstractContextManager[Workers]]
_Results = dict[tuple[str, int], Any]
_ROW, _RTL = "row", "rtl"


@dataclass(frozen=True)
class Outcome:
    """The rows in the order of the grid, and how many results were made and found."""

    rows: list[Row]
    made: int
    found: int


def run_study(file: StudyFile, grid: Grid, root: Path, data_dir: Path | None, connect: Connect, always_connect: bool) -> Outcome:
    """Bring every row up to date.

    Args:
        file: the study file.
        grid: its rows.
        root: the folder of everything that is made.
        data_dir: where the files of the data set are.
        connect: gives the workers.
        always_connect: also where there is nothing to do.

    Raises:
        UserError: something the user can mend.
    """
    store = Store(root.absolute())
    with Workplace(store.root).locked():
        whole = whole_dataset(store, file.base, data_dir)
        images = file.study.images
        tested = first_images(store, file.base, whole, None if images == "all" else images)
        counts = {row.rtl_frames for row in grid.rows} - {0}
        frames = {count: first_images(store, file.base, whole, count) for count in counts}
        plan = plan_study(grid, whole, tested, frames)
        missing = missing_results(plan, store)
        results: _Results = {}
        if missing.total or always_connect:
            with connect() as workers:
                results = _compute(workers, plan, missing, store, whole)
        rows = [_row(store, plan, index, results) for index in range(len(plan.rows))]
    simulated = sum(planned.simulations is not None for planned in plan.rows)
    return Outcome(rows, missing.total, len(plan.rows) + simulated - len(missing.rows) - len(missing.simulations))


def _compute(workers: Workers, plan: Plan, missing: Missing, store: Store, whole: Images) -> _Results:
    """Submit everything that is missing, in an order in which nothing waits for a later one, and collect it."""
    jobs = Jobs(store)
    futures = submit_trainings(workers, store, whole, plan.trainings, missing.trainings)
    rows: dict[int, Any] = {}
    for index in missing.rows:
        planned = plan.rows[index]
        job = jobs.row(planned, plan.trainings[planned.training])
        rows[index] = workers.submit((_ROW, index), str(planned.row), tasks.ROW_TASK, job, futures.get(planned.training))
    for index in missing.simulations:
        planned = plan.rows[index]
        workers.submit((_RTL, index), f"{planned.row} in RTL", tasks.SIMULATE_TASK, jobs.simulations(planned), rows.get(index))
    return collected(workers, missing.total, "study", "tasks")


def _row(store: Store, plan: Plan, index: int, results: _Results) -> Row:
    """One row of the table, from what workers returned or from what was there."""
    planned = plan.rows[index]
    figures = results.get((_ROW, index)) or tasks.found_row(store, planned.inputs)
    simulated = None
    if planned.simulations is not None:
        made = (_RTL, index) in results
        simulated = results[_RTL, index] if made else tasks.found_simulations(store, planned.simulations[0])
    failures = [*figures["failures"], *([] if simulated is None else simulated["failures"])]
    row = planned.row
    training = store.folder(TRAININGS, plan.trainings[planned.training].inputs)
    return Row.model_validate(
        {
            "variant": row.variant,
            "method": row.method,
            "seed": row.seed,
            "time_steps": row.time_steps,
            "code": row.code,
            **figures,
            "simulations": None if simulated is None else {key: simulated[key] for key in simulated if key != "failures"},
            "failures": failures,
            "training": training.relative_to(store.root).as_posix(),
        }
    )
