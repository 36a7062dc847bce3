"""What a study has to compute: which trainings rows share, what is there already, and what each worker is told."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.campaign.images import Images
from pipeline.campaign.steps import Job, inputs
from pipeline.campaign.store import Store, key_of
from pipeline.campaign.tasks import TRAININGS
from pipeline.campaign.trainings import Training, job_of, missing_trainings, training_of
from pipeline.inputs import Inputs
from pipeline.study.grid import Grid, RowPlan
from pipeline.study.steps import ROW, SIMULATIONS
from pipeline.study.tasks import ROWS, RTL


@dataclass(frozen=True)
class PlannedRow:
    """One row and everything that decides it.

    Attributes:
        row: of the grid.
        training: key of its training.
        inputs: what decides the row.
        images: its test images.
        simulations: what decides its simulations, and their frames; None without.
    """

    row: RowPlan
    training: str
    inputs: Inputs
    images: Images
    simulations: tuple[Inputs, Images] | None


@dataclass(frozen=True)
class Plan:
    """All rows in the order of the grid, and their trainings by key."""

    rows: list[PlannedRow]
    trainings: dict[str, Training]


def plan_study(grid: Grid, whole: Images, tested: Images, frames: dict[int | None, Images]) -> Plan:
    """What decides every row.

    Args:
        grid: the rows.
        whole: the data set that is trained on.
        tested: the one with the test images of the rows.
        frames: the ones of the simulations, by ``RowPlan.rtl_frames``.
    """
    trainings: dict[str, Training] = {}
    rows = []
    for row in grid.rows:
        training = training_of(row.config, f"training for {row.variant} seed {row.seed}", whole)
        trainings.setdefault(training.key, training)
        own = inputs(ROW, row.config, data=tested.digest, train=training.key)
        simulated = None
        if row.rtl_frames != 0:
            images = frames[row.rtl_frames]
            simulated = inputs(SIMULATIONS, row.config, data=images.digest, row=key_of(own)), images
        rows.append(PlannedRow(row, training.key, own, tested, simulated))
    return Plan(rows, trainings)


class Jobs:
    """What workers are told.

    Args:
        store: of the study.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def row(self, planned: PlannedRow, training: Training) -> Job:
        """Convert and simulate."""
        return job_of(self._store, str(planned.row), planned.row.config, planned.inputs, planned.images) | {
            "training": str(self._store.folder(TRAININGS, training.inputs)),
            "train_digest": training.key,
        }

    def simulations(self, planned: PlannedRow) -> Job:
        """HLS and RTL."""
        if planned.simulations is None:
            raise ValueError(f"{planned.row}: is not simulated")
        own, images = planned.simulations
        return job_of(self._store, f"{planned.row}, HLS and RTL", planned.row.config, own, images) | {
            "row": str(self._store.folder(ROWS, planned.inputs)),
            "row_digest": key_of(planned.inputs),
        }


@dataclass(frozen=True)
class Missing:
    """What is not there yet: keys of trainings in the order to start them, positions of rows and of simulations."""

    trainings: list[str]
    rows: list[int]
    simulations: list[int]

    @property
    def total(self) -> int:
        """Number of tasks."""
        return len(self.trainings) + len(self.rows) + len(self.simulations)


def missing_results(plan: Plan, store: Store) -> Missing:
    """What has to be computed; a training only where a row that reads it is missing."""
    rows = [index for index, planned in enumerate(plan.rows) if store.find(ROWS, planned.inputs) is None]
    simulations = [
        index
        for index, planned in enumerate(plan.rows)
        if planned.simulations is not None and (index in rows or store.find(RTL, planned.simulations[0]) is None)
    ]
    needed = (plan.rows[index].training for index in rows)
    return Missing(missing_trainings(needed, plan.trainings, store), rows, simulations)
