"""Results of the peers: one JSON file a function and peer, kept until the function, the peer or its measurement changes."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.peers.case import Case, Row, digest
from bench.peers.environment import OverLimitError
from bench.timing import processor
from model.base.errors import UserError
from model.base.files import read_json, write_json

MEASURED, NOT_MEASURED, OVER_LIMIT = "measured", "not measured", "over the limit"


def result_file(case: Case, peer: str) -> Path:
    """Where the result of a peer is kept."""
    return case.out / f"{peer}.json"


def kept(case: Case, peer: str) -> dict[str, Any] | None:
    """A finished result of the same function; one that a missing tool or too narrow a limit prevented is none."""
    path = result_file(case, peer)
    if not path.is_file():
        return None
    result: dict[str, Any] = read_json(path)
    same = result["function"] == digest(case.function) and result["frames"] == len(case.pixels)
    wide_enough = result["status"] == OVER_LIMIT and result["limits"] == str(case.limits)
    return result if same and (result["status"] == MEASURED or wide_enough) else None


def measured(case: Case, peer: str, measure: Callable[[Case], list[Row]]) -> dict[str, Any]:
    """Measure a peer and keep the result, also that it is absent or took too much.

    Raises:
        EquivalenceError: it computes something else than the golden simulation.
    """
    rows: list[Row] = []
    status, reason = MEASURED, ""
    try:
        rows = measure(case)
    except UserError as error:
        status, reason = NOT_MEASURED, str(error)
    except OverLimitError as error:
        status, reason = OVER_LIMIT, str(error)
    result = {
        "peer": peer,
        "build": case.name,
        "network": case.sizes,
        "function": digest(case.function),
        "frames": len(case.pixels),
        "status": status,
        "reason": reason,
        "limits": str(case.limits),
        "machine": f"{processor()}, Python {platform.python_version()}",
        "date": time.strftime("%Y-%m-%d"),
        "rows": rows,
    }
    write_json(result_file(case, peer), result)
    return result
