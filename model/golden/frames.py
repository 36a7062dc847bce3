"""What a link carries in each frame."""

from __future__ import annotations

import numpy as np

from model.golden.encoding import SpikeArray
from model.integer_network.structure import IntArray


def events_of_frames(spikes: SpikeArray) -> IntArray:
    """Values other than zero, (frames,), of a link (time steps, frames, neurons)."""
    return np.asarray(np.count_nonzero(spikes, axis=(0, 2)), dtype=np.int64)


def spikes_of_frames(spikes: SpikeArray) -> IntArray:
    """Spikes, (frames,), of a link (time steps, frames, neurons): a multi-spike of k counts k, whatever its sign."""
    return np.asarray(np.abs(spikes).sum(axis=(0, 2), dtype=np.int64))
