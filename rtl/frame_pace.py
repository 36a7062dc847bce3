"""How frames go through a core of unrolled layers alone: at a pace that every part keeps up with, so that none ever waits."""

from __future__ import annotations

from dataclasses import dataclass

from rtl.charges import Charges
from rtl.core_plan import CorePlan
from rtl.widths import index_bits


@dataclass(frozen=True)
class FramePace:
    """What frame_pacer and frame_queue are built for.

    Attributes:
        interval: cycles from the start of a frame to that of the next one: the time steps of the slowest link.
        frame_bits: 2**frame_bits frames may be in the core, enough for a frame in every interval.
    """

    interval: int
    frame_bits: int


def pace_of(plan: CorePlan, charges: Charges) -> FramePace | None:
    """The pace of a core; none where a layer has events, whose cycles depend on the frame."""
    if any(layer.unrolled is None for layer in plan.layers):
        return None
    interval = max(layer.source_steps for layer in plan.layers)
    # Each layer's registers: stages, a time step a cycle, the sender's; and that of the pacer, which learns that one has left.
    under_way = sum(charges[layer.name][1].count + layer.source_steps + 1 for layer in plan.layers) + 1
    frames = -(-under_way // max(interval, plan.beats + plan.input_steps - 1))
    return FramePace(interval, index_bits(frames))
