"""What populations sent, from levels and spike sums instead of spike trains."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from model.golden.sent import Outgoing, Sent
from model.golden.tallies import Bytes, column_sums
from model.integer_network import Encoder, InputCode, Neuron, WireCode


def sent_by_encoder(encoder: Encoder, levels: Bytes, outgoing: Outgoing) -> Sent:
    """Spikes of levels (frames, neurons): bits that are 1, or of a unary train as many as the level."""
    if encoder.code is InputCode.UNARY:
        by_neuron = column_sums(levels, encoder.levels)
    else:
        by_neuron = column_sums(np.bitwise_count(levels), encoder.bits)
    return Sent(by_neuron, int(by_neuron.sum()), outgoing.active(_active(levels)))


def sent_by_deferred(neuron: Neuron, levels: npt.NDArray[np.int8], outgoing: Outgoing) -> Sent:
    """Spikes, events and resets of a deferred layer's levels (frames, neurons)."""
    largest = max(neuron.levels, -neuron.lowest)
    magnitudes = np.abs(levels).view(np.uint8) if neuron.lowest else levels.view(np.uint8)
    if neuron.code is WireCode.BITS:
        by_neuron = column_sums(np.bitwise_count(magnitudes), largest.bit_length())
    else:
        by_neuron = column_sums(magnitudes, largest)
    spikes = int(by_neuron.sum())
    events = int(np.count_nonzero(levels)) if neuron.code is WireCode.COUNT else spikes
    resets = resets_of_divisions(neuron, levels) if neuron.fires_by_division else spikes
    return Sent(by_neuron, events, outgoing.active(_active(levels)), resets)


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


def sent_by_plain(sums: npt.NDArray[np.int16], time_steps: int, outgoing: Outgoing) -> Sent:
    """Spikes of a causal layer that sends 0 or 1, from their sums (frames, neurons): each is an event and a reset."""
    by_neuron = column_sums(sums.astype(np.uint8), time_steps)
    spikes = int(by_neuron.sum())
    return Sent(by_neuron, spikes, outgoing.active(_active(sums)), spikes)


def sent_by_causal(neuron: Neuron, train: npt.NDArray[np.int8], outgoing: Outgoing) -> Sent:
    """Spikes, events and resets of the train of a causal layer of any spikes, (time steps, frames, neurons)."""
    magnitudes = np.abs(train).view(np.uint8)
    largest = max(neuron.largest_spike, -neuron.lowest_spike)
    by_neuron = column_sums(magnitudes.reshape(-1, neuron.neurons), largest)
    events = int(np.count_nonzero(magnitudes))
    resets = events if neuron.is_leaky else resets_of_divisions(neuron, train)
    return Sent(by_neuron, events, outgoing.active(_active(np.bitwise_or.reduce(magnitudes, axis=0))), resets)


def _active(values: npt.NDArray[np.integer[Any]]) -> Bytes:
    return np.asarray(np.not_equal(values, 0).view(np.uint8))
