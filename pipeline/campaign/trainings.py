"""Networks to train, each once for everything that reads it, and what workers are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from model.config.effective import fine_tunes
from model.config.schema import Configuration
from pipeline.campaign.cluster import Workers
from pipeline.campaign.images import Images
from pipeline.campaign.steps import TRAIN, Job, inputs
from pipeline.campaign.store import Store, key_of
from pipeline.campaign.tasks import TRAIN_TASK, TRAININGS
from pipeline.inputs import Inputs, visible_configuration


@dataclass(frozen=True)
class Training:
    """One network to train, for everything that reads it.

    Attributes:
        key: where its result is filed.
        title: for messages.
        inputs: everything that decides it.
        config: of one of its readers.
        first_stage: what identifies its first stage; trainings of one such text share it.
    """

    key: str
    title: str
    inputs: Inputs
    config: Configuration
    first_stage: str


def training_of(config: Configuration, title: str, whole: Images) -> Training:
    """The training that a configuration needs, on a data set."""
    from model.training.checkpoint import fingerprint

    own = inputs(TRAIN, config, data=whole.digest)
    first_stage = fingerprint(visible_configuration(config, TRAIN), "cpu", whole.digest)
    return Training(key_of(own), title, own, config, first_stage)


def missing_trainings(needed: Iterable[str], trainings: dict[str, Training], store: Store) -> list[str]:
    """Keys of those that are not there yet, in the order to start them."""
    absent = [key for key in dict.fromkeys(needed) if store.find(TRAININGS, trainings[key].inputs) is None]
    # Those without a second stage come first: the others go on from their checkpoints.
    return sorted(absent, key=lambda key: fine_tunes(trainings[key].config))


def first_stages(trainings: dict[str, Training], missing: list[str]) -> dict[str, str]:
    """By key of a training that is to be done, the key of the one whose first stage it goes on from, if there is one."""
    leaders = {training.first_stage: key for key, training in reversed(trainings.items()) if key not in missing}
    shared: dict[str, str] = {}
    for key in missing:
        leader = leaders.setdefault(trainings[key].first_stage, key)
        if leader != key:
            shared[key] = leader
    return shared


def job_of(store: Store, title: str, config: Configuration, own: Inputs, images: Images) -> Job:
    """What every task is told."""
    return {
        "title": title,
        "root": str(store.root),
        "config": config.model_dump(mode="json"),
        "inputs": own,
        "data": str(images.folder),
        "data_digest": images.digest,
    }


def training_job(store: Store, whole: Images, training: Training, first: Training | None) -> Job:
    """Train a network, from the first stage of another one where one is given."""
    folder = None if first is None else store.folder(TRAININGS, first.inputs)
    return job_of(store, training.title, training.config, training.inputs, whole) | {
        "first_stage": None if folder is None else str(folder),
    }


def submit_trainings(
    workers: Workers, store: Store, whole: Images, trainings: dict[str, Training], missing: list[str]
) -> dict[str, Any]:
    """Queue what is missing, after the trainings that it goes on from; workers unfit for any of them are refused.

    Args:
        workers: of the cluster.
        store: where results go.
        whole: the data set that is trained on.
        trainings: all of them, by key.
        missing: keys of those to do, in the order to start them.

    Returns:
        The future of each by key; the label of its result is ``("training", key)``.

    Raises:
        UserError: workers of an existing cluster that do not see the same files.
    """
    if workers.address is not None:
        workers.probe(training_job(store, whole, next(iter(trainings.values())), None))
    futures: dict[str, Any] = {}
    leaders = first_stages(trainings, missing)
    for key in missing:
        training, leader = trainings[key], leaders.get(key)
        job = training_job(store, whole, training, None if leader is None else trainings[leader])
        futures[key] = workers.submit(("training", key), training.title, TRAIN_TASK, job, futures.get(leader or ""))
    return futures
