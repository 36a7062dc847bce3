"""What workers execute: a training, a row, the simulations of a row. Each finds its result or makes it, and says what it is."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

from model.base.errors import UserError
from model.base.files import read_json, replacing
from model.config.schema import Configuration
from pipeline.inputs import Inputs, differences
from pipeline.step import Step
from pipeline.study import measure, simulations
from pipeline.study.steps import CONVERT, FOLD, GOLDEN, ROW, SIMULATIONS, TRAIN, Job, inputs, run_step
from pipeline.study.store import Store, key_of

CHECKPOINT = "checkpoint.pt"
TRAININGS, ROWS, RTL = "trainings", "rows", "rtl"


def probe(job: Job) -> list[str]:
    """What makes this process unfit for the study, in words; empty where nothing does.

    Args:
        job: a training, with its inputs as the client has them.
    """
    if not Path(job["root"]).is_dir():
        host = socket.gethostname()
        return [f"worker on {host}: the folder {job['root']} is not there; client and workers need the same files"]
    try:
        _same_inputs(job["inputs"], TRAIN, _configuration(job), data=job["data_digest"])
    except UserError as error:
        return [str(error)]
    return []


def train(job: Job) -> float:
    """Train a network; where another one has had the same first stage, go on from there.

    Returns:
        The seconds it took when it was made.
    """
    config, store = _configuration(job), Store(Path(job["root"]))
    own = _same_inputs(job["inputs"], TRAIN, config, data=job["data_digest"])

    def action(partial: Path) -> list[str]:
        if job["first_stage"] and not (partial / CHECKPOINT).exists():
            with replacing(partial / CHECKPOINT) as beside:
                shutil.copyfile(Path(job["first_stage"]) / CHECKPOINT, beside)
        return run_step(TRAIN, config, {"data": Path(job["data"])}, partial)

    with _log(job, "training", own):
        folder, _ = store.bring(TRAININGS, own, action, resumes=True)
        return store.seconds(folder)


def row(job: Job) -> dict[str, Any]:
    """Convert and simulate; the figures of one row of the table."""
    config, store = _configuration(job), Store(Path(job["root"]))
    own = _same_inputs(job["inputs"], ROW, config, data=job["data_digest"], train=job["train_digest"])
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

    with _log(job, "row", own):
        return _row_in(store, *store.bring(ROWS, own, action))


def simulate(job: Job) -> dict[str, Any] | None:
    """Take a row's network through HLS and RTL; None where the row itself failed."""
    config, store = _configuration(job), Store(Path(job["root"]))
    own = _same_inputs(job["inputs"], SIMULATIONS, config, data=job["data_digest"], row=job["row_digest"])
    data, folded = Path(job["data"]), Path(job["row"]) / "fold"
    if not folded.is_dir():
        return None

    def action(partial: Path) -> list[str]:
        return simulations.simulate(config, data, folded, partial)

    with _log(job, "rtl", own):
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


def _configuration(job: Job) -> Configuration:
    return Configuration.model_validate(job["config"])


def _same_inputs(expected: Inputs, step: Step, config: Configuration, **upstream: str) -> Inputs:
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
def _log(job: Job, kind: str, own: Inputs) -> Iterator[None]:
    """What steps tell about their progress goes to a file: several workers share one terminal."""
    folder = Path(job["root"]) / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{kind}-{key_of(own)}.log").open("a", encoding="utf-8") as stream, redirect_stderr(stream):
        print(job["title"], file=sys.stderr, flush=True)
        yield
