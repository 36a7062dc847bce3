"""What workers execute beside trainings: a network, the prediction of a core, its measurement."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model.base.files import read_json
from pipeline.campaign.steps import Job
from pipeline.campaign.store import Store
from pipeline.campaign.tasks import configuration_in, logged, same_inputs
from pipeline.explore.steps import MEASUREMENT, NETWORK, PREDICTION
from pipeline.inputs import Inputs

NETWORKS, PREDICTIONS, MEASUREMENTS = "networks", "predictions", "measurements"
NETWORK_TASK, PREDICT_TASK, MEASURE_TASK = f"{__name__}.network", f"{__name__}.predict", f"{__name__}.measure"
_FILES = {NETWORKS: "network.json", PREDICTIONS: "prediction.json", MEASUREMENTS: "measurement.json"}
Found = dict[str, Any]
"""Figures of a result, ``seconds`` that it took and ``failures``, the comparisons that failed."""


def network(job: Job) -> Found:
    """Convert a trained network and simulate it."""
    from pipeline.explore.network import make_network

    config, store = configuration_in(job), Store(Path(job["root"]))
    own = same_inputs(job["inputs"], NETWORK, config, data=job["data_digest"], train=job["train_digest"])
    data, training = Path(job["data"]), Path(job["training"])
    with logged(job, "network", own):
        folder, failures = store.bring(NETWORKS, own, lambda partial: make_network(config, data, training, partial))
        return _found(store, NETWORKS, folder, failures)


def predict(job: Job) -> Found | None:
    """Predict a core; None where its network failed."""
    from pipeline.explore.predict import write_prediction

    config, store, network_folder = configuration_in(job), Store(Path(job["root"])), Path(job["network"])
    own = same_inputs(job["inputs"], PREDICTION, config, network=job["network_digest"])
    if not network_folder.is_dir():
        return None

    def action(partial: Path) -> list[str]:
        write_prediction(config, network_folder, partial)
        return []

    with logged(job, "prediction", own):
        return _found(store, PREDICTIONS, *store.bring(PREDICTIONS, own, action))


def measure(job: Job) -> Found:
    """Build, simulate and synthesise a core."""
    from pipeline.explore.measure import measure as measure_core

    config, store, network_folder = configuration_in(job), Store(Path(job["root"])), Path(job["network"])
    own = same_inputs(job["inputs"], MEASUREMENT, config, data=job["data_digest"], network=job["network_digest"])
    data = Path(job["data"])
    with logged(job, "measurement", own):
        folder, failures = store.bring(MEASUREMENTS, own, lambda partial: measure_core(config, data, network_folder, partial))
        return _found(store, MEASUREMENTS, folder, failures)


def found(store: Store, kind: str, own: Inputs) -> Found:
    """What a task returned when its result was made."""
    return _found(store, kind, store.folder(kind, own), [])


def _found(store: Store, kind: str, folder: Path, failures: list[str]) -> Found:
    path = folder / _FILES[kind]
    # A core that the audit refused has no figures.
    figures = read_json(path) if path.is_file() else {}
    return figures | {"seconds": store.seconds(folder), "failures": failures}
