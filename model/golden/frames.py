"""What a link carries in each frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from model.golden.encoding import SpikeArray

Int64 = npt.NDArray[np.int64]


def events_of_frames(spikes: SpikeArray) -> Int64:
    """Values other than zero, (frames,), of a link (time steps, frames, neurons)."""
    return np.asarray(np.count_nonzero(spikes, axis=(0, 2)), dtype=np.int64)


def spikes_of_frames(spikes: SpikeArray) -> Int64:
    """Spikes, (frames,), of a link (time steps, frames, neurons): a multi-spike of k counts k, whatever its sign."""
    return np.asarray(np.abs(spikes).sum(axis=(0, 2), dtype=np.int64))
