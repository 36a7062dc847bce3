"""What an exploration has to compute: trainings and networks that points share, and what each worker is told."""

from __future__ import annotations

from dataclasses import dataclass

from model.config.schema import Configuration
from pipeline.campaign.images import Images
from pipeline.campaign.steps import Job, inputs
from pipeline.campaign.store import Store, key_of
from pipeline.campaign.tasks import TRAININGS
from pipeline.campaign.trainings import Training, job_of, missing_trainings, training_of
from pipeline.explore.grid import Grid, PointPlan
from pipeline.explore.steps import MEASUREMENT, NETWORK, PREDICTION
from pipeline.explore.tasks import NETWORKS, PREDICTIONS
from pipeline.inputs import Inputs


@dataclass(frozen=True)
class PlannedNetwork:
    """One converted network, for all points that differ in their hardware only.

    Attributes:
        title: for messages.
        inputs: everything that decides it.
        training: key of its training.
        config: of one of its points.
    """

    title: str
    inputs: Inputs
    training: str
    config: Configuration


@dataclass(frozen=True)
class PlannedPoint:
    """One point and everything that decides its figures.

    Attributes:
        point: of the grid.
        network: key of its network.
        prediction: what decides the prediction.
        measurement: what decides the measurement.
    """

    point: PointPlan
    network: str
    prediction: Inputs
    measurement: Inputs


@dataclass(frozen=True)
class Plan:
    """All points in the order of the grid; networks and trainings by key."""

    points: list[PlannedPoint]
    networks: dict[str, PlannedNetwork]
    trainings: dict[str, Training]


def plan_exploration(grid: Grid, data: Images) -> Plan:
    """What decides every point, on a data set."""
    trainings: dict[str, Training] = {}
    networks: dict[str, PlannedNetwork] = {}
    points = []
    for point in grid.points:
        training = training_of(point.config, f"training for {point}", data)
        trainings.setdefault(training.key, training)
        own = inputs(NETWORK, point.config, data=data.digest, train=training.key)
        key = key_of(own)
        networks.setdefault(key, PlannedNetwork(f"network of {point}", own, training.key, point.config))
        prediction = inputs(PREDICTION, point.config, network=key)
        measurement = inputs(MEASUREMENT, point.config, data=data.digest, network=key)
        points.append(PlannedPoint(point, key, prediction, measurement))
    return Plan(points, networks, trainings)


@dataclass(frozen=True)
class Missing:
    """What is not there yet before cores are measured: keys of trainings and networks, positions of points to predict."""

    trainings: list[str]
    networks: list[str]
    predictions: list[int]

    @property
    def total(self) -> int:
        """Number of tasks."""
        return len(self.trainings) + len(self.networks) + len(self.predictions)


def missing_results(plan: Plan, store: Store) -> Missing:
    """What has to be computed; a training only where a network of it is missing."""
    networks = [key for key, network in plan.networks.items() if store.find(NETWORKS, network.inputs) is None]
    predictions = [
        index
        for index, planned in enumerate(plan.points)
        if planned.network in networks or store.find(PREDICTIONS, planned.prediction) is None
    ]
    needed = (plan.networks[key].training for key in networks)
    return Missing(missing_trainings(needed, plan.trainings, store), networks, predictions)


class Jobs:
    """What workers are told.

    Args:
        plan: of the exploration.
        store: of the exploration.
        data: its data set.
    """

    def __init__(self, plan: Plan, store: Store, data: Images) -> None:
        self._plan, self._store, self._data = plan, store, data

    def network(self, key: str) -> Job:
        """Convert and simulate."""
        network = self._plan.networks[key]
        training = self._plan.trainings[network.training]
        return job_of(self._store, network.title, network.config, network.inputs, self._data) | {
            "training": str(self._store.folder(TRAININGS, training.inputs)),
            "train_digest": training.key,
        }

    def prediction(self, planned: PlannedPoint) -> Job:
        """Predict a core."""
        return self._of_point(planned, planned.prediction, "prediction of")

    def measurement(self, planned: PlannedPoint) -> Job:
        """Build, simulate and synthesise a core."""
        return self._of_point(planned, planned.measurement, "measurement of")

    def _of_point(self, planned: PlannedPoint, own: Inputs, what: str) -> Job:
        point, network = planned.point, self._plan.networks[planned.network]
        return job_of(self._store, f"{what} {point}", point.config, own, self._data) | {
            "network": str(self._store.folder(NETWORKS, network.inputs)),
            "network_digest": planned.network,
        }
