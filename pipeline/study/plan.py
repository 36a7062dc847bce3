"""What a study has to compute: which trainings rows share, what is there already, and what each worker is told."""

from __future__ import annotations

from dataclasses import dataclass

from model.config.effective import fine_tunes
from model.config.schema import Configuration
from pipeline.inputs import Inputs, visible_configuration
from pipeline.study.grid import Grid, RowPlan
from pipeline.study.images import Images
from pipeline.study.steps import ROW, SIMULATIONS, TRAIN, Job, inputs
from pipeline.study.store import Store, key_of
from pipeline.study.tasks import ROWS, RTL, TRAININGS


@dataclass(frozen=True)
class Training:
    """One network to train, for all rows that read it.

    Attributes:
        key: where its result is filed.
        title: for messages.
        inputs: everything that decides it.
        config: of one of the rows.
        first_stage: what identifies its first stage; trainings of one such text share it.
    """

    key: str
    title: str
    inputs: Inputs
    config: Configuration
    first_stage: str


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
        training = _training(row, whole)
        trainings.setdefault(training.key, training)
        own = inputs(ROW, row.config, data=tested.digest, train=training.key)
        simulated = None
        if row.rtl_frames != 0:
            images = frames[row.rtl_frames]
            simulated = inputs(SIMULATIONS, row.config, data=images.digest, row=key_of(own)), images
        rows.append(PlannedRow(row, training.key, own, tested, simulated))
    return Plan(rows, trainings)


def _training(row: RowPlan, whole: Images) -> Training:
    from model.training.checkpoint import fingerprint

    own = inputs(TRAIN, row.config, data=whole.digest)
    first_stage = fingerprint(visible_configuration(row.config, TRAIN), "cpu", whole.digest)
    return Training(key_of(own), f"training for {row.variant} seed {row.seed}", own, row.config, first_stage)


class Jobs:
    """What workers are told.

    Args:
        store: of the study.
        whole: the data set that is trained on.
    """

    def __init__(self, store: Store, whole: Images) -> None:
        self._store, self._whole = store, whole

    def training(self, training: Training, first: Training | None) -> Job:
        """Train a network, from the first stage of another one where one is given."""
        folder = None if first is None else self._store.folder(TRAININGS, first.inputs)
        return self._job(training.title, training.config, training.inputs, self._whole) | {
            "first_stage": None if folder is None else str(folder),
        }

    def row(self, planned: PlannedRow, training: Training) -> Job:
        """Convert and simulate."""
        return self._job(str(planned.row), planned.row.config, planned.inputs, planned.images) | {
            "training": str(self._store.folder(TRAININGS, training.inputs)),
            "train_digest": training.key,
        }

    def simulations(self, planned: PlannedRow) -> Job:
        """HLS and RTL."""
        if planned.simulations is None:
            raise ValueError(f"{planned.row}: is not simulated")
        own, images = planned.simulations
        return self._job(f"{planned.row}, HLS and RTL", planned.row.config, own, images) | {
            "row": str(self._store.folder(ROWS, planned.inputs)),
            "row_digest": key_of(planned.inputs),
        }

    def _job(self, title: str, config: Configuration, own: Inputs, images: Images) -> Job:
        return {
            "title": title,
            "root": str(self._store.root),
            "config": config.model_dump(mode="json"),
            "inputs": own,
            "data": str(images.folder),
            "data_digest": images.digest,
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
    needed = dict.fromkeys(plan.rows[index].training for index in rows)
    absent = [key for key in needed if store.find(TRAININGS, plan.trainings[key].inputs) is None]
    # Those without a second stage come first: the others go on from their checkpoints.
    absent.sort(key=lambda key: fine_tunes(plan.trainings[key].config))
    return Missing(absent, rows, simulations)


def first_stages(plan: Plan, missing: Missing) -> dict[str, str]:
    """By key of a training that is to be done, the key of the one whose first stage it goes on from, if there is one."""
    leaders = {training.first_stage: key for key, training in reversed(plan.trainings.items()) if key not in missing.trainings}
    shared: dict[str, str] = {}
    for key in missing.trainings:
        leader = leaders.setdefault(plan.trainings[key].first_stage, key)
        if leader != key:
            shared[key] = leader
    return shared
