"""What populations sent, from levels and spike sums instead of spike trains, as sums of bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from model.golden.counts import Sent
from model.integer_network import Encoder, InputCode, Neuron, WireCode
from model.integer_network.structure import IntArray

Bytes = npt.NDArray[np.uint8]

_LARGEST_BYTE = 255
_LARGEST_NIBBLE = 15


def column_sums(values: Bytes, largest: int) -> IntArray:
    """Sums over the rows of (rows, columns), int64.

    Eight bytes are added at once as one 64-bit number, for as many rows as no byte can overflow.

    Args:
        values: contiguous.
        largest: none of them is larger.
    """
    if largest > 2 * _LARGEST_NIBBLE:
        low = column_sums(values & np.uint8(_LARGEST_NIBBLE), _LARGEST_NIBBLE)
        return low + (_LARGEST_NIBBLE + 1) * column_sums(values >> np.uint8(4), _LARGEST_NIBBLE)
    rows, columns = values.shape
    whole = rows // 8 * 8
    sums = values[whole:].sum(axis=0, dtype=np.int64)
    if whole:
        words = np.ascontiguousarray(values[:whole]).reshape(whole // 8, 8 * columns).view(np.uint64)
        at_once = _LARGEST_BYTE // max(largest, 1)
        for first in range(0, len(words), at_once):
            added = words[first : first + at_once].sum(axis=0)
            sums += added.view(np.uint8).reshape(8, columns).sum(axis=0, dtype=np.int64)
    return np.asarray(sums)


def sent_by_encoder(encoder: Encoder, levels: Bytes) -> Sent:
    """Spikes of levels (frames, channels): bits that are 1, or of a unary train as many as the level."""
    if encoder.code is InputCode.UNARY:
        by_channel = column_sums(levels, encoder.levels)
    else:
        by_channel = column_sums(np.bitwise_count(levels), encoder.bits)
    return Sent(by_channel, int(by_channel.sum()))


def sent_by_deferred(neuron: Neuron, levels: npt.NDArray[np.int8]) -> Sent:
    """Spikes, events and resets of a deferred layer's levels (frames, channels)."""
    largest = max(neuron.levels, -neuron.lowest)
    magnitudes = np.abs(levels).view(np.uint8) if neuron.lowest else levels.view(np.uint8)
    if neuron.code is WireCode.BITS:
        by_channel = column_sums(np.bitwise_count(magnitudes), largest.bit_length())
    else:
        by_channel = column_sums(magnitudes, largest)
    active = int(np.count_nonzero(levels))
    spikes = int(by_channel.sum())
    events = active if neuron.code is WireCode.COUNT else spikes
    resets = resets_of_divisions(neuron, levels) if neuron.fires_by_division else spikes
    return Sent(by_channel, events, levels.size - active, resets)


def resets_of_divisions(neuron: Neuron, values: npt.NDArray[np.int8]) -> int:
    """Thresholds subtracted in the decisions of a neuron that fires by division: the fire passes that gave ``values``.

    The same passes as on potentials, on the bytes k − low: V ≥ m·Θ where ⌊V / Θ⌋ ≥ m, and where k was clipped all succeed.
    """
    left = np.subtract(values, np.int8(neuron.decision_range[0]), dtype=np.int8, casting="unsafe").view(np.uint8)
    resets = 0
    for multiple in neuron.fire_multiples:
        fires = left >= np.uint8(multiple)
        resets += int(np.count_nonzero(fires))
        left -= fires.view(np.uint8) * np.uint8(multiple)
    return resets


def sent_by_plain(sums: npt.NDArray[np.int16], time_steps: int) -> Sent:
    """Spikes of a causal layer that sends 0 or 1, from their sums (frames, channels): each is an event and a reset."""
    by_channel = column_sums(sums.astype(np.uint8), time_steps)
    spikes = int(by_channel.sum())
    return Sent(by_channel, spikes, sums.size - int(np.count_nonzero(sums)), spikes)


def sent_by_causal(neuron: Neuron, train: npt.NDArray[np.int8]) -> Sent:
    """Spikes, events and resets of the train of a causal layer of any spikes, (time steps, frames, channels)."""
    magnitudes = np.abs(train).view(np.uint8)
    largest = max(neuron.largest_spike, -neuron.lowest_spike)
    by_channel = column_sums(magnitudes.reshape(-1, neuron.neurons), largest)
    events = int(np.count_nonzero(magnitudes))
    resets = events if neuron.is_leaky else resets_of_divisions(neuron, train)
    silent = int(np.count_nonzero(np.bitwise_or.reduce(magnitudes, axis=0) == 0))
    return Sent(by_channel, events, silent, resets)
