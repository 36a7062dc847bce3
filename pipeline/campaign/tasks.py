"""What every worker can execute: a training, and whether it is fit for the work at all; and what its other tasks need."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

from model.base.errors import UserError
from model.base.files import replacing
from model.config.schema import Configuration
from pipeline.campaign.steps import TRAIN, Job, inputs, run_step
from pipeline.campaign.store import Store, key_of
from pipeline.inputs import Inputs, differences
from pipeline.step import Step

CHECKPOINT = "checkpoint.pt"
TRAININGS = "trainings"
PROBE_TASK, TRAIN_TASK = f"{__name__}.probe", f"{__name__}.train"


def probe(job: Job) -> list[str]:
    """What makes this process unfit for the work, in words; empty where nothing does.

    Args:
        job: a training, with its inputs as the client has them.
    """
    if not Path(job["root"]).is_dir():
        host = socket.gethostname()
        return [f"worker on {host}: the folder {job['root']} is not there; client and workers need the same files"]
    try:
        same_inputs(job["inputs"], TRAIN, configuration_in(job), data=job["data_digest"])
    except UserError as error:
        return [str(error)]
    return []


def train(job: Job) -> float:
    """Train a network; where another one has had the same first stage, go on from there.

    Returns:
        The seconds it took when it was made.
    """
    config, store = configuration_in(job), Store(Path(job["root"]))
    own = same_inputs(job["inputs"], TRAIN, config, data=job["data_digest"])

    def action(partial: Path) -> list[str]:
        if job["first_stage"] and not (partial / CHECKPOINT).exists():
            with replacing(partial / CHECKPOINT) as beside:
                shutil.copyfile(Path(job["first_stage"]) / CHECKPOINT, beside)
        return run_step(TRAIN, config, {"data": Path(job["data"])}, partial)

    with logged(job, "training", own):
        folder, _ = store.bring(TRAININGS, own, action, resumes=True)
        return store.seconds(folder)


def configuration_in(job: Job) -> Configuration:
    """The configuration of a job."""
    return Configuration.model_validate(job["config"])


def same_inputs(expected: Inputs, step: Step, config: Configuration, **upstream: str) -> Inputs:
    """The inputs as this process sees them.

    Raises:
        UserError: the sources or packages of this process are not those of the client.
    """
    own = inputs(step, config, **upstream)
    changes = differences(expected, own)
    if changes:
        raise UserError(
            f"worker on {socket.gethostname()}: {changes[0]} (client, then worker); give it the client's files and packages"
            " and start it again"
        )
    return own


@contextmanager
def logged(job: Job, kind: str, own: Inputs) -> Iterator[None]:
    """What steps tell about their progress goes to a file: several workers share one terminal."""
    folder = Path(job["root"]) / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{kind}-{key_of(own)}.log").open("a", encoding="utf-8") as stream, redirect_stderr(stream):
        print(job["title"], file=sys.stderr, flush=True)
        yield
