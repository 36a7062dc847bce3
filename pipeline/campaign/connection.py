"""Which workers a command asks for, how it gets them, and how it waits for what they make."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from model.base.errors import UserError
from model.base.progress import progress

if TYPE_CHECKING:
    from pipeline.campaign.cluster import Workers

LOCAL_WORKERS = 2


def check_workers(scheduler: str | None, workers: int | None) -> None:
    """Refuse a number of workers for those of an existing scheduler.

    Raises:
        UserError: both were given.
    """
    if scheduler is not None and workers is not None:
        raise UserError(f"--workers {workers}: the workers are those of --scheduler {scheduler}; leave one of the two out")


def connection(scheduler: str | None, workers: int | None) -> AbstractContextManager[Workers]:
    """The workers of an existing scheduler, or processes of this machine; two where no number is given."""
    # Dask takes seconds to import, which a file with a mistake need not wait for.
    from pipeline.campaign.cluster import connected

    return connected(scheduler, workers or LOCAL_WORKERS)


def collected(workers: Workers, total: int, title: str, unit: str) -> dict[Any, Any]:
    """Results by label of everything that was submitted, with a line of progress."""
    results: dict[Any, Any] = {}
    with progress(total, title, unit) as shown:
        for label, result in workers.results(lambda count: shown.note("" if count else "waiting for a worker")):
            results[label] = result
            shown.advance()
    return results
