"""How the latency of a frame grows with its events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.base.errors import UserError
from model.base.files import UNREADABLE_ARCHIVE
from model.golden import GoldenResult

LATENCY_FILE = "sim/latency.npy"
_LEAST_SPREAD = 1e-9

Int64 = npt.NDArray[np.int64]


def frame_events(golden: GoldenResult, frames: int) -> Int64:
    """Events of every frame on all links together, (frames,): values other than zero at any time step."""
    links = [golden.input_spikes, *(trace.spikes for trace in golden.layers.values())]
    return np.asarray(sum(np.count_nonzero(spikes[:, :frames], axis=(0, 2)) for spikes in links), dtype=np.int64)


def frame_latencies(build: Path) -> Int64:
    """Cycles of every simulated frame, (frames,), each alone in the core.

    Raises:
        UserError: missing or damaged.
    """
    path = build / LATENCY_FILE
    try:
        return np.asarray(np.load(path), dtype=np.int64)
    except UNREADABLE_ARCHIVE as error:
        raise UserError(f"{path}: no readable cycles of frames ({error}); run the sim step again") from error


def growth_section(events: Int64, latency: Int64) -> dict[str, Any] | None:
    """The straight line through all frames; None where all of them have as many events, or there is but one."""
    if len(latency) < 2 or float(np.std(events)) < _LEAST_SPREAD:
        return None
    slope, start = np.polyfit(events, latency, 1)
    left = latency - (slope * events + start)
    variance = float(np.var(latency))
    return {
        "events": {"min": int(events.min()), "median": float(np.median(events)), "max": int(events.max())},
        "cycles_per_event": float(slope),
        "cycles_without_events": float(start),
        "explained": 1.0 if variance < _LEAST_SPREAD else max(0.0, 1.0 - float(np.var(left)) / variance),
    }
