"""What a source put on the wire, summed over frames: the part of the counts that depends on the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.golden.encoding import SpikeArray
from model.golden.pooling import window_sums
from model.golden.tallies import Bytes, column_sums
from model.integer_network import Network, Shape
from model.integer_network.structure import IntArray

Pair = tuple[int, int]

NO_POOLING = (1, 1)


@dataclass(frozen=True, eq=False)
class Sent:
    """What a source put on the wire, summed over the frames.

    Attributes:
        by_neuron: (neurons,) spikes of every neuron.
        events: values other than zero.
        active: for every average pooling of a reader, (windows,) frames in which the window held a spike; without pooling a
            window is a neuron.
        resets: how often a threshold was subtracted, or a negative one added.
    """

    by_neuron: IntArray
    events: int
    active: dict[Pair, IntArray]
    resets: int = 0

    def __add__(self, other: Sent) -> Sent:
        return Sent(
            self.by_neuron + other.by_neuron,
            self.events + other.events,
            {pooling: frames + other.active[pooling] for pooling, frames in self.active.items()},
            self.resets + other.resets,
        )


NOTHING_SENT = Sent(np.zeros(0, dtype=np.int64), 0, {NO_POOLING: np.zeros(0, dtype=np.int64)})
"""What a readout puts on the wire."""


class Outgoing(NamedTuple):
    """The map of a source, and how its readers pool it."""

    map: Shape
    poolings: frozenset[Pair]

    @classmethod
    def of(cls, network: Network, source: str) -> Outgoing:
        """The readers of one source."""
        return cls(network.source_map(source), frozenset(group.pooling for _, group in network.readers(source)) | {NO_POOLING})

    def active(self, silent_or_not: Bytes) -> dict[Pair, IntArray]:
        """``Sent.active`` of (frames, neurons) that are 1 where a neuron sent something in a frame, else 0."""
        counted = {}
        for pooling in self.poolings:
            windows = window_sums(silent_or_not, self.map, pooling, np.uint16) > 0
            counted[pooling] = column_sums(np.ascontiguousarray(windows).view(np.uint8), 1)
        return counted


def sent_spikes(spikes: SpikeArray, outgoing: Outgoing, resets: int = 0) -> Sent:
    """Sums of what travelled, (time steps, frames, neurons)."""
    by_neuron = np.abs(spikes).sum(axis=(0, 1), dtype=np.int64)
    active = np.ascontiguousarray(spikes.any(axis=0)).view(np.uint8)
    return Sent(by_neuron, int(np.count_nonzero(spikes)), outgoing.active(active), resets)
