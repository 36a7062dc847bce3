"""How the latency of a frame grows with its events."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.base.errors import UserError
from model.base.files import UNREADABLE_ARCHIVE
from model.golden import GoldenResult
from model.golden.frames import events_of_frames
from model.integer_network.structure import IntArray

LATENCY_FILE = "sim/latency.npy"
_LEAST_SPREAD = 1e-9


@dataclass(frozen=True, eq=False)
class FrameCosts:
    """Of every simulated frame, (frames,): events on all links together, and cycles when it is alone in the core."""

    events: IntArray
    latency: IntArray


def events_of_all_links(golden: GoldenResult) -> IntArray:
    """Values other than zero of every frame on all links together, (frames,)."""
    links = [golden.input_spikes, *(trace.spikes for trace in golden.layers.values())]
    total: IntArray = np.sum([events_of_frames(spikes) for spikes in links], axis=0)
    return total


def frame_costs(build: Path, golden: GoldenResult) -> FrameCosts:
    """Read the cycles of a build and count the events of the same frames.

    Raises:
        UserError: missing or damaged.
    """
    path = build / LATENCY_FILE
    try:
        latency = np.asarray(np.load(path), dtype=np.int64)
    except UNREADABLE_ARCHIVE as error:
        raise UserError(f"{path}: no readable cycles of frames ({error}); run the sim step again") from error
    return FrameCosts(events_of_all_links(golden.select(slice(0, len(latency)))), latency)


def growth_section(costs: FrameCosts) -> dict[str, Any] | None:
    """The straight line through all frames; None where all of them have as many events, or there is but one."""
    events, latency = costs.events, costs.latency
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
