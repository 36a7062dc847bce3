"""Predicted cycles beside the measured ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model.base.files import read_json
from model.golden import GoldenResult
from rtl.cycles import predict_core_cycles
from sim.core import Core
from sim.plan import SPACED, STREAMING
from sim.records import Int64
from sim.simulation import Outcome


def predicted_cycles(golden: GoldenResult, core: Core, outcome: Outcome) -> dict[str, Any]:
    """How far the predictions of latency and interval are from what was measured, for JSON.

    Args:
        golden: result of all frames.
        core: that was simulated.
        outcome: of its runs.
    """
    jobs = [read_json(job) for job in outcome.jobs]
    # Each process has a core of its own, whose first frame has none before it.
    parts = [slice(int(job["first"]), int(job["first"]) + int(job["count"])) for job in jobs]
    cycles = [predict_core_cycles(golden.select(part), core.plan, core.sum_stages) for part in parts]
    return {
        "latency_cycles": _beside([part.latency for part in cycles], outcome, SPACED, "latency"),
        "interval_cycles": _beside([part.interval for part in cycles], outcome, STREAMING, "interval"),
    }


def _beside(predicted: Sequence[Int64], outcome: Outcome, run: str, field: str) -> dict[str, Any] | None:
    """Median of a prediction, frames in which it is exact, and its error; None where a frame was not measured."""
    # Where the bench did not compile there is no process, hence no part.
    expected = np.concatenate(predicted) if predicted else np.zeros(0, dtype=np.int64)
    measured = np.array([value for process in outcome.runs.get(run, []) for value in process[field]], dtype=np.int64)
    if not len(expected) or len(measured) != len(expected):
        return None
    error = np.abs(expected - measured) / measured
    return {
        "median": float(np.median(expected)),
        "frames": len(expected),
        "exact_frames": int((expected == measured).sum()),
        "error_of_median_percent": 100 * abs(float(np.median(expected)) / float(np.median(measured)) - 1),
        "mean_error_percent": 100 * float(error.mean()),
        "largest_error_percent": 100 * float(error.max()),
    }
