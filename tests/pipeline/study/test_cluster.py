"""Real schedulers and workers: processes of this machine, one of which is killed in the middle of its work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

import flow
from model.base.files import read_json
from pipeline.campaign.cluster import connected
from pipeline.command import ROOT
from tests.pipeline.study.studies import TINY, run_here, write_study

PATIENCE_SECONDS = 300.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# Long enough that a worker dies in the middle of a training.
SLOW = ("training.epochs=30", "study.time_steps=[2]", "study.codes=[bits]")
OPTIONS = [argument for override in SLOW for argument in ("--set", override)]


class Cluster:
    """A scheduler and workers without nannies: a killed worker stays dead."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(self._file))

    def _start(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        # Started in a folder that is not the repository's: workers find it by the path that the client sends.
        with (self._folder / f"{program}-{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", program, *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self._folder,
                env={**os.environ, "PYTHONPATH": "", "OMP_NUM_THREADS": "1"},
            )  # fmt: skip
        self._processes.append(process)
        return process

    def add_worker(self) -> subprocess.Popen[bytes]:
        """One process with one thread."""
        where = ("--scheduler-file", str(self._file), "--local-directory", str(self._folder / "scratch"))
        return self._start("worker", *where, "--nthreads", "1", "--no-nanny", "--no-dashboard")

    @property
    def address(self) -> str:
        """For ``--scheduler``."""
        wait_until(self._file.is_file)
        return str(read_json(self._file)["address"])

    def stop(self) -> None:
        """End every process."""
        for process in reversed(self._processes):
            process.kill()
            process.wait()


@contextmanager
def cluster_in(folder: Path) -> Iterator[Cluster]:
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        cluster.stop()


def wait_until(condition: object) -> None:
    assert callable(condition)
    last = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < last, "waited in vain"
        time.sleep(0.05)


def study(path: Path, out: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "flow.py"), "study", str(path), "--out", str(out), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, errors = process.communicate(timeout=2 * PATIENCE_SECONDS)
    return process.returncode, out, errors


def table_of(out: Path) -> dict[str, object]:
    """Everything that does not depend on the time that it took."""
    table = dict(read_json(out / "study.json"))
    return {**table, "rows": [{**row, "seconds": 0} for row in table["rows"]]}


def is_training(out: Path) -> bool:
    """Whether a checkpoint of an unfinished training is there."""
    return any((out / "trainings").glob("*.partial/checkpoint.pt"))


def test_killed_worker_does_not_lose_the_study(tmp_path: Path) -> None:
    path = write_study(tmp_path)
    killed, quiet = tmp_path / "killed", tmp_path / "quiet"
    with cluster_in(tmp_path) as cluster:
        first = cluster.add_worker()
        process = study(path, killed, "--scheduler", cluster.address, *OPTIONS)
        wait_until(lambda: is_training(killed))
        # Alone until now, it is the one that trains.
        cluster.add_worker()
        os.kill(first.pid, signal.SIGKILL)
        status, out, errors = finish(process)
    assert (status, [line for line in errors.splitlines() if line.startswith("error")]) == (0, [])
    assert out.splitlines()[-1] == f"PASS {killed / 'study.html'}"
    assert "6 results made, 0 found" in out
    # The undisturbed run: no cluster, no kill, another folder.
    outcome, _ = run_here(path, quiet, SLOW)
    result = CliRunner().invoke(flow.app, ["study", str(path), "--out", str(quiet), *OPTIONS])
    assert result.exit_code == 0
    assert len(outcome.rows) == 4
    assert table_of(killed) == table_of(quiet)


def test_killed_study_goes_on_with_local_workers(tmp_path: Path) -> None:
    path, out = write_study(tmp_path), tmp_path / "out"
    options = [*OPTIONS, "--set", "study.seeds=[1]"]
    process = study(path, out, *options)
    wait_until(lambda: is_training(out))
    process.send_signal(signal.SIGKILL)
    process.wait()
    begun = {folder.name for folder in (out / "trainings").glob("*.partial")}
    assert begun
    status, text, errors = finish(study(path, out, *options))
    assert (status, [line for line in errors.splitlines() if line.startswith("error")]) == (0, [])
    # The checkpoints of the killed run were gone on from.
    assert {f"{folder.name}.partial" for folder in (out / "trainings").iterdir() if folder.is_dir()} >= begun
    assert len(read_json(out / "study.json")["rows"]) == 2
    assert "3 results made, 0 found" in text


def test_scheduler_without_workers_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.campaign.cluster._WORKER_SECONDS", 1)
    path = write_study(tmp_path, TINY.replace("seeds = [1, 2]", "seeds = [1]"))
    with cluster_in(tmp_path) as cluster:
        address = cluster.address
        result = CliRunner().invoke(flow.app, ["study", str(path), "--out", str(tmp_path / "out"), "--scheduler", address])
    assert result.exit_code == 2
    assert result.stderr == f"error: --scheduler {address}: it has no workers; start some with `dask worker {address}`\n"


def test_workers_of_this_machine_have_one_thread_and_their_allocator_keeps_memory() -> None:
    with connected(None, 1) as workers:
        (environment,) = workers.client.run(lambda: dict(os.environ)).values()
    assert {name: environment[name] for name in ONE_THREAD} == ONE_THREAD
    assert "MALLOC_TRIM_THRESHOLD_" not in environment
