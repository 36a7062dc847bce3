"""Workers: processes of this machine, or an existing Dask cluster that sees the same files."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dask
import distributed
from distributed import KilledWorker
from distributed.comm.core import CommClosedError

from model.base.errors import UserError
from pipeline.campaign.bootstrap import entry
from pipeline.campaign.tasks import PROBE_TASK
from pipeline.command import ROOT

# Its classes have no types of their own.
_dask: Any = distributed
Future = Any

_CONNECT_SECONDS = 10
_WORKER_SECONDS = 30
_LONELY_SECONDS = 60.0
_POLL_SECONDS = 1.0
# Many workers may be lost: what a worker was killed for is rarely what it was computing.
_ALLOWED_FAILURES = 10
# Dask would add MALLOC_TRIM_THRESHOLD_, with which glibc asks the kernel for every tensor anew: training takes 2.5 times as long.
_ENVIRONMENT = {"OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1}


@dataclass
class Workers:
    """Submits tasks and hands out their results as they come.

    Attributes:
        client: the connection to the scheduler.
        address: ``--scheduler``; None where the workers are this command's own.
    """

    client: Any
    address: str | None
    _futures: dict[Future, tuple[Any, str]] = field(default_factory=dict)

    def submit(self, label: Any, title: str, function: str, job: dict[str, Any], after: Future | None = None) -> Future:
        """Queue ``function(job)``, after another task where one is given.

        Args:
            label: comes back with the result.
            title: for messages.
            function: dotted name of the task.
            job: what the task is told.
            after: only has to be done first.
        """
        future = self.client.submit(entry(), str(ROOT), function, (job,), after, pure=False)
        self._futures[future] = (label, title)
        return future

    def probe(self, job: dict[str, Any]) -> None:
        """Refuse workers that do not see the same files or have other sources.

        Raises:
            UserError: what the first unfit worker said.
        """
        answers = self.client.run(entry(), str(ROOT), PROBE_TASK, (job,))
        reasons = [reason for found in answers.values() for reason in found]
        if reasons:
            raise UserError(f"--scheduler {self.address}: {reasons[0]}")

    def results(self, on_wait: Callable[[int], None]) -> Iterator[tuple[Any, Any]]:
        """Labels and results of what was submitted since the last call, in the order in which tasks end.

        Args:
            on_wait: told about once a second how many workers there are.

        Raises:
            UserError: what a task refused, or the cluster was lost.
        """
        pending, alone_since = set(self._futures), time.monotonic()
        while pending:
            try:
                done = _dask.wait(pending, timeout=_POLL_SECONDS, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                done = set()
            except CommClosedError as error:
                raise self._lost("the connection was lost") from error
            for future in done:
                yield self._futures[future][0], self._result(future)
            pending -= done
            count = len(self.client.scheduler_info(n_workers=-1)["workers"])
            on_wait(count)
            alone_since = time.monotonic() if count else alone_since
            if self.address is not None and time.monotonic() - alone_since > _LONELY_SECONDS:
                raise self._lost(f"there has been no worker for {_LONELY_SECONDS:.0f} s")
        self._futures.clear()

    def _result(self, future: Future) -> Any:
        if future.cancelled():
            raise self._lost("the connection was lost")
        try:
            return future.result()
        except KilledWorker as error:
            raise UserError(
                f"{self._futures[future][1]}: {_ALLOWED_FAILURES + 1} workers died in it, is there enough memory?"
                " Try --workers 1; the same command goes on where this one stopped"
            ) from error

    def _lost(self, reason: str) -> UserError:
        return UserError(f"--scheduler {self.address}: {reason}; the same command goes on where this one stopped")


@contextmanager
def connected(address: str | None, count: int) -> Iterator[Workers]:
    """Workers for as long as the block runs.

    Args:
        address: of an existing scheduler, or None for processes of this machine.
        count: how many of them.

    Raises:
        UserError: no scheduler answers there, or it has no workers.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if address is not None:
        with _existing(address) as client:
            yield Workers(client, address)
        return
    settings = {
        "distributed.scheduler.allowed-failures": _ALLOWED_FAILURES,
        "distributed.admin.low-level-log-length": 0,
        "distributed.nanny.pre-spawn-environ": _ENVIRONMENT,
    }
    with (
        tempfile.TemporaryDirectory(prefix="isospike-workers-") as folder,
        dask.config.set(settings),
        _dask.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
            local_directory=folder,
        ) as cluster,
        _dask.Client(cluster) as client,
    ):
        yield Workers(client, None)


@contextmanager
def _existing(address: str) -> Iterator[Any]:
    way_out = "start one with `dask scheduler` and its workers with `dask worker ADDRESS`, or leave --scheduler out"
    try:
        client = _dask.Client(address, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).partition("\n")[0]
        raise UserError(f"--scheduler {address}: no scheduler answers there ({reason}); {way_out}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_WORKER_SECONDS)
        except TimeoutError as error:
            raise UserError(f"--scheduler {address}: it has no workers; start some with `dask worker {address}`") from error
        yield client
