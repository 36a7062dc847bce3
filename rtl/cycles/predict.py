"""Latency and distances of frames, from what the links carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.golden import GoldenResult
from rtl.core_plan import CorePlan
from rtl.cycles.timeline import FrameTimeline, nothing_occupied
from rtl.cycles.traffic import Traffic, traffic_of

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Cycles:
    """Predicted cycles.

    Attributes:
        latency: (frames,) from the first beat of a frame that is alone in the core to the last beat of its packet, both counted.
        interval: (frames − 1,) from one packet to the next with frames back to back.
    """

    latency: Int64
    interval: Int64


def predict_core_cycles(result: GoldenResult, plan: CorePlan, stages: Mapping[str, int]) -> Cycles:
    """Predict the cycles of every frame of a golden result.

    Args:
        result: events of every link.
        plan: the core.
        stages: of every unrolled layer, registers between a time step and its sums (rtl.json).
    """
    traffic = traffic_of(plan, result)
    alone = FrameTimeline(plan, stages, traffic, nothing_occupied()).finish()
    latency = np.broadcast_to(np.asarray(alone, dtype=np.int64), (result.frames,)).copy()
    return Cycles(latency, np.diff(_packets(result.frames, plan, stages, traffic)))


def _packets(frames: int, plan: CorePlan, stages: Mapping[str, int], traffic: tuple[Traffic, ...]) -> Int64:
    """(frames,): when each packet has left, with frames back to back."""
    busy = nothing_occupied()
    left = np.empty(frames, dtype=np.int64)
    for frame in range(frames):
        links = [link.of_frame(frame) for link in traffic]
        left[frame] = FrameTimeline(plan, stages, links, busy).finish()
    return left
