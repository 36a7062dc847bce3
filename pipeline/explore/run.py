"""A whole exploration: data, trainings, networks and predictions, then measurements, as far as they are not there yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from model.base.files import read_json
from pipeline.campaign.cluster import Workers
from pipeline.campaign.connection import collected
from pipeline.campaign.images import Images, whole_dataset
from pipeline.campaign.store import Store
from pipeline.campaign.tasks import TRAININGS
from pipeline.campaign.trainings import submit_trainings
from pipeline.explore import tasks
from pipeline.explore.designs import predicted_front, rows_of_designs
from pipeline.explore.grid import Absent, Grid
from pipeline.explore.load import ExploreFile
from pipeline.explore.plan import Jobs, Missing, Plan, PlannedPoint, missing_results, plan_exploration
from pipeline.explore.rows import measured_figures, new_row
from pipeline.explore.table import Row
from pipeline.workplace import Workplace

Connect = Callable[[], AbstractContextManager[Workers]]
Measure = Literal["front", "all", "none"]
_Results = dict[tuple[str, Any], Any]


@dataclass(frozen=True)
class Outcome:
    """What an exploration found.

    Attributes:
        rows: in the order of the grid.
        absent: designs that are no rows, by reason.
        failures: of networks, whose points are absent; those of rows are in the rows.
        data: source and split.
        made: results that were made.
        found: results that were there.
    """

    rows: list[Row]
    absent: Absent
    failures: list[str]
    data: dict[str, Any]
    made: int
    found: int


def run_exploration(
    file: ExploreFile, grid: Grid, root: Path, data_dir: Path | None, connect: Connect, always_connect: bool, measure: Measure
) -> Outcome:
    """Bring every point up to date.

    Args:
        file: the file.
        grid: its points.
        root: the folder of everything that is made.
        data_dir: where the files of the data set are.
        connect: gives the workers.
        always_connect: also where there is nothing to do.
        measure: which designs are built, simulated and synthesised.

    Raises:
        UserError: something the user can mend.
    """
    store = Store(root.absolute())
    with Workplace(store.root).locked():
        data = whole_dataset(store, file.base, data_dir)
        exploration = _Exploration(file, plan_exploration(grid, data), grid.absent, store, data)
        with _when_needed(connect) as workers:
            if always_connect:
                workers()
            exploration.predict(workers)
            exploration.measure(workers, measure)
        description = read_json(data.folder / "data.json")
        split = {"source": description["source"], **description["counts"]}
        return exploration.outcome(split)


@contextmanager
def _when_needed(connect: Connect) -> Iterator[Callable[[], Workers]]:
    """Workers from the first call on."""
    with ExitStack() as stack:
        opened: list[Workers] = []

        def workers() -> Workers:
            if not opened:
                opened.append(stack.enter_context(connect()))
            return opened[0]

        yield workers


class _Exploration:
    """Rows as they come about."""

    def __init__(self, file: ExploreFile, plan: Plan, absent: Absent, store: Store, data: Images) -> None:
        self._file, self._plan, self._absent, self._store, self._data = file, plan, absent, store, data
        self._jobs = Jobs(plan, store, data)
        self._rows: dict[int, Row] = {}
        self._failures: list[str] = []
        self._made = self._found = 0

    def predict(self, workers: Callable[[], Workers]) -> None:
        """Train, convert and predict; what is no core of its own becomes absent."""
        plan, missing = self._plan, missing_results(self._plan, self._store)
        results: _Results = {}
        if missing.total:
            results = self._computed(workers(), missing)
        self._made += missing.total
        self._found += len(plan.networks) + len(plan.points) - len(missing.networks) - len(missing.predictions)
        networks = {
            key: results.get(("network", key)) or tasks.found(self._store, tasks.NETWORKS, network.inputs)
            for key, network in plan.networks.items()
        }
        self._failures += [
            f"{plan.networks[key].title}: {reason}" for key, network in networks.items() for reason in network["failures"]
        ]
        cores: dict[tuple[str, str], str] = {}
        for index, planned in enumerate(plan.points):
            network = networks[planned.network]
            if network["failures"]:
                self._absent.add(f"its network failed: {network['failures'][0].splitlines()[0]}", planned.point.title)
                continue
            prediction = self._prediction(results, index)
            core = planned.network, json.dumps(prediction.get("core"), sort_keys=True)
            same = cores.setdefault(core, planned.point.title)
            if prediction["absent"]:
                self._absent.add(prediction["absent"], planned.point.title)
            elif same != planned.point.title:
                self._absent.add(f"the same core as {same}", planned.point.title)
            else:
                self._rows[index] = new_row(planned.point, network, prediction, self._training_of(planned))

    def _training_of(self, planned: PlannedPoint) -> str:
        """The folder of its training, relative to that of the exploration."""
        training = self._plan.trainings[self._plan.networks[planned.network].training]
        return self._store.folder(TRAININGS, training.inputs).relative_to(self._store.root).as_posix()

    def _prediction(self, results: _Results, index: int) -> dict[str, Any]:
        made = results.get(("prediction", index))
        return made or tasks.found(self._store, tasks.PREDICTIONS, self._plan.points[index].prediction)

    def _computed(self, workers: Workers, missing: Missing) -> _Results:
        """Submit what is missing, in an order in which nothing waits for a later one, and collect it."""
        plan = self._plan
        trained = submit_trainings(workers, self._store, self._data, plan.trainings, missing.trainings)
        networks: dict[str, Any] = {}
        for key in missing.networks:
            network = plan.networks[key]
            after = trained.get(network.training)
            networks[key] = workers.submit(("network", key), network.title, tasks.NETWORK_TASK, self._jobs.network(key), after)
        for index in missing.predictions:
            planned = plan.points[index]
            job, title = self._jobs.prediction(planned), f"prediction of {planned.point}"
            workers.submit(("prediction", index), title, tasks.PREDICT_TASK, job, networks.get(planned.network))
        return collected(workers, missing.total, "trainings, networks and predictions", "tasks")

    def measure(self, workers: Callable[[], Workers], measure: Measure) -> None:
        """Build, simulate and synthesise the designs that are asked for."""
        wanted = self._wanted(measure)
        done: _Results = {}
        missing = []
        for index in wanted:
            own = self._plan.points[index].measurement
            if self._store.find(tasks.MEASUREMENTS, own) is None:
                missing.append(index)
            else:
                done["measurement", index] = tasks.found(self._store, tasks.MEASUREMENTS, own)
        self._found += len(done)
        self._made += len(missing)
        if missing:
            connected = workers()
            for index in missing:
                planned = self._plan.points[index]
                job, title = self._jobs.measurement(planned), f"measurement of {planned.point}"
                connected.submit(("measurement", index), title, tasks.MEASURE_TASK, job)
            done |= collected(connected, len(missing), "simulation and synthesis", "cores")
        for index in wanted:
            self._rows[index] = measured_figures(self._rows[index], done["measurement", index])

    def _wanted(self, measure: Measure) -> list[int]:
        """Positions of the rows to measure; the others learn why they are not."""
        rows = list(self._rows.values())
        most = self._file.explore.measure_lut
        front = predicted_front(rows) if measure == "front" and rows else set(rows_of_designs(rows))
        largest = {title: max(row.predicted.lut for row in own) for title, own in rows_of_designs(rows).items()}
        wanted = []
        for index, row in self._rows.items():
            if measure == "none":
                reason = "--measure none"
            elif row.title not in front:
                reason = "not on the predicted front"
            elif largest[row.title] > most:
                reason = f"predicted to be larger than explore.measure_lut = {most}"
            else:
                wanted.append(index)
                continue
            self._rows[index] = row.model_copy(update={"not_measured": reason})
        return wanted

    def outcome(self, split: dict[str, Any]) -> Outcome:
        """Everything that was found."""
        rows = [self._rows[index] for index in sorted(self._rows)]
        return Outcome(rows, self._absent, self._failures, split, self._made, self._found)
