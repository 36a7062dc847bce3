"""Time steps of a causal layer, in place on buffers that stay in the cache."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.golden.charge import Values
from model.golden.firing import decide
from model.golden.products import exact_type
from model.golden.sent import Outgoing, Sent
from model.golden.sums import sent_by_causal, sent_by_plain
from model.integer_network import Neuron

Train = npt.NDArray[np.int8]

_VALUES_AT_ONCE = 1 << 14
"""Potentials that are run through all time steps at once, so that they and what is added to them stay in the cache."""


@dataclass(frozen=True, eq=False)
class CausalFrames:
    """What a causal layer sent.

    Attributes:
        sums: (frames, neurons) int16, of the spikes of all time steps.
        train: (time steps, frames, neurons), or empty where nobody asked for it.
        sent: the same, counted.
    """

    sums: npt.NDArray[np.int16]
    train: Train
    sent: Sent


def run_causal(neuron: Neuron, charges: Values, outgoing: Outgoing, keep_train: bool) -> CausalFrames:
    """All time steps of a causal layer.

    Args:
        neuron: a causal neuron.
        charges: (time steps, frames, neurons) or, constant over time, (frames, neurons); without the bias.
        outgoing: of the layer.
        keep_train: whether the layer's consumer needs more than the sums.
    """
    frames = charges.shape[-2]
    plain = neuron.decision_range == (0, 1)
    train = np.empty((neuron.time_steps if keep_train or not plain else 0, frames, neuron.neurons), dtype=np.int8)
    if not plain:
        _any_train(neuron, charges, train)
        return CausalFrames(train.sum(axis=0, dtype=np.int16), train, sent_by_causal(neuron, train, outgoing))
    sums = np.empty((frames, neuron.neurons), dtype=np.int16)
    rows = max(1, _VALUES_AT_ONCE // neuron.neurons)
    for first in range(0, frames, rows):
        block = slice(first, first + rows)
        sums[block] = _plain_spikes(neuron, charges[..., block, :], train[:, block])
    return CausalFrames(sums, train, sent_by_plain(sums, neuron.time_steps, outgoing))


def _plain_spikes(neuron: Neuron, charges: Values, train: Train) -> npt.NDArray[np.int8]:
    """At most one spike a step: V ← V + A + bias − Θ; silent where that is negative, and Θ comes back.

    The sign of a 32-bit number, shifted over all of it, is the mask of the silent neurons: −1. Every potential fits, since the
    proved width holds the difference that a compare forms; what is added to it may wrap, the sum does not.

    Args:
        neuron: a causal neuron of spikes 0 and 1.
        charges: as for ``run_causal``.
        train: filled unless it has no time steps.

    Returns:
        Sums of the spikes, at most 64.
    """
    frames = charges.shape[-2]
    threshold = np.tile(neuron.spread(neuron.threshold).astype(np.int32), (frames, 1))
    potential = np.tile(neuron.spread(neuron.offset).astype(np.int32), (frames, 1))
    silent = np.empty_like(potential)
    added = charges.astype(np.int32)
    added += neuron.spread(neuron.step_bias - neuron.threshold).astype(np.int32)
    sums = np.full(potential.shape, neuron.time_steps, dtype=np.int8)
    values = np.empty_like(sums)
    for step in range(neuron.time_steps):
        potential += added if added.ndim == 2 else added[step]
        np.right_shift(potential, 31, out=silent)
        np.copyto(values, silent, casting="unsafe")
        sums += values
        if len(train):
            np.add(values, np.int8(1), out=train[step])
        silent &= threshold
        potential += silent
    return sums


def _any_train(neuron: Neuron, charges: Values, train: Train) -> None:
    """Several spikes in a step, clip(⌊V / Θ⌋, lowest, largest), or leaky neurons.

    A quotient of integers below 2**24 that single precision rounds never reaches the next integer: its distance is at least
    1/Θ, which is more than half a unit in the last place.
    """
    dtype = exact_type(neuron.potential_bits)
    frames = charges.shape[-2]
    threshold = neuron.spread(neuron.threshold).astype(dtype)
    bias = neuron.spread(neuron.step_bias).astype(dtype)
    potential = np.tile(neuron.spread(neuron.offset).astype(dtype), (frames, 1))
    decided = np.empty_like(potential)
    for step, values in enumerate(train):
        potential += charges if charges.ndim == 2 else charges[step]
        potential += bias
        if neuron.is_leaky:
            values[...], _ = decide(neuron, potential)
            continue
        divide(potential, threshold, *neuron.decision_range, out=decided)
        np.copyto(values, decided, casting="unsafe")
        decided *= threshold
        potential -= decided


def divide(potential: Values, threshold: Values, low: int, high: int, out: Values) -> None:
    """``out`` ← clip(⌊V / Θ⌋, low, high), exact where the floating point type holds V exactly."""
    np.divide(potential, threshold, out=out)
    np.clip(out, low, high, out=out)
    np.floor(out, out=out)
