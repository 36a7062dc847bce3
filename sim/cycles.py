"""How many cycles a layer worked on a frame, without those in which others made it wait."""

from __future__ import annotations

import numpy as np

from sim.records import Int64, LayerMoments

_CYCLE, _STARVED, _BLOCKED, _BOTH = range(4)


def working_cycles(moments: LayerMoments, works_while_sending: bool) -> Int64:
    """Cycles of every frame, (frames,), from its first event taken to its end.

    Not counted are cycles in which the input was starved while the frame arrived, cycles in which the output was blocked while
    the frame was sent, and those in which a frame that has arrived waits for the one before it to leave.

    Args:
        moments: records of the layer.
        works_while_sending: the layer stops taking events while it sends (causal), so that a blocked output counts from the
            first event on; otherwise from the end of the frame's arrival on.
    """
    frames = min(len(moments.first), len(moments.taken), len(moments.finished))
    first, taken, finished = moments.first[:frames], moments.taken[:frames], moments.finished[:frames]
    # The frame before the first one left before anything happened.
    before = np.concatenate([np.minimum(first[:1], 0), finished[:-1]])
    start = first if works_while_sending else taken
    sending = np.where((before[:, _CYCLE] > start[:, _CYCLE])[:, None], before, start)
    starved = taken[:, _STARVED] - first[:, _STARVED]
    blocked = finished[:, _BLOCKED] - sending[:, _BLOCKED]
    both = np.maximum(taken[:, _BOTH] - sending[:, _BOTH], 0)
    waits = np.maximum(before[:, _CYCLE] - taken[:, _CYCLE], 0)
    return np.asarray(finished[:, _CYCLE] - first[:, _CYCLE] + 1 - starved - blocked + both - waits)
