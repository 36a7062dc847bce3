"""How many cycles a layer worked on a frame, without those in which others made it wait."""

from __future__ import annotations

import numpy as np

from sim.records import Int64, LayerMoments

_CYCLE, _STARVED, _BLOCKED, _BOTH = range(4)


def working_cycles(moments: LayerMoments, works_while_sending: bool) -> Int64:
    """Cycles of every frame, (frames,), from its first event taken to its end.

    Not counted are cycles in which the input was starved while the frame arrived, cycles in which the output was blocked while
    the frame was sent, and those in which the frame could not be sent because the one before it was still leaving.

    Args:
        moments: records of the layer.
        works_while_sending: the layer sends while the frame arrives (causal), or the frame before while this one arrives, which
            waits for it (unrolled); not only after the frame has arrived (deferred).
    """
    frames = min(len(moments.first), len(moments.taken), len(moments.finished))
    first, taken, finished = moments.first[:frames], moments.taken[:frames], moments.finished[:frames]
    # The frame before the first one left before anything happened.
    before = np.concatenate([np.full_like(first[:1], -1), finished[:-1]])
    count = _sending_as_it_arrives if works_while_sending else _sending_after_arrival
    return count(first, taken, finished, before)


def _sending_after_arrival(first: Int64, taken: Int64, finished: Int64, before: Int64) -> Int64:
    """Arrival, then, when the frame before has left, sending."""
    sending = _later(before, taken)
    starved = taken[:, _STARVED] - first[:, _STARVED]
    blocked = finished[:, _BLOCKED] - sending[:, _BLOCKED]
    waits = sending[:, _CYCLE] - taken[:, _CYCLE]
    return np.asarray(finished[:, _CYCLE] - first[:, _CYCLE] + 1 - starved - blocked - waits)


def _sending_as_it_arrives(first: Int64, taken: Int64, finished: Int64, before: Int64) -> Int64:
    """Every step sends its spikes, so that the clock starts when the frame before has left."""
    start = _later(before, first)
    starved = np.maximum(taken[:, _STARVED] - start[:, _STARVED], 0)
    blocked = finished[:, _BLOCKED] - start[:, _BLOCKED]
    both = np.maximum(taken[:, _BOTH] - start[:, _BOTH], 0)
    own_first_cycle = before[:, _CYCLE] < first[:, _CYCLE]
    return np.asarray(finished[:, _CYCLE] - start[:, _CYCLE] + own_first_cycle - starved - blocked + both)


def _later(one: Int64, other: Int64) -> Int64:
    """Rows of ``one`` where its cycle is later, else rows of ``other``."""
    return np.where((one[:, _CYCLE] > other[:, _CYCLE])[:, None], one, other)
