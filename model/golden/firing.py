"""The decisions of firing neurons (docs/ir.md, section 4), in place on potentials of any numeric type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from model.golden.encoding import SpikeArray
from model.integer_network import Neuron, WireCode
from model.integer_network.codes import bit_planes
from model.integer_network.widths import needs_saturation

Potentials = npt.NDArray[Any]
Counts = npt.NDArray[np.int64]


def decide(neuron: Neuron, potential: Potentials) -> tuple[npt.NDArray[np.int8], Counts]:
    """One decision by division, or of a leaky neuron.

    Args:
        neuron: one whose ``fires_by_division`` or ``is_leaky`` is true.
        potential: (frames, neurons), with charge, bias and offset; holds V − k·Θ afterwards.

    Returns:
        k, (frames, neurons), and the resets of every frame, (frames,).
    """
    low, _ = (0, 0) if neuron.is_leaky else neuron.decision_range
    values = np.full(potential.shape, low, dtype=np.int8)
    resets = np.zeros(len(potential), dtype=np.int64)
    if low:
        potential -= (low * neuron.spread(neuron.threshold)).astype(potential.dtype)
    for multiple, fires in fire_passes(neuron, potential):
        values += np.multiply(fires, multiple, dtype=np.int8)
        resets += np.count_nonzero(fires, axis=1)
    if neuron.is_leaky:
        threshold = neuron.spread(neuron.negative_threshold).astype(potential.dtype)
        fires = potential < -threshold
        potential += threshold * fires
        values -= fires
        resets += np.count_nonzero(fires, axis=1)
    return values, resets


def fire_passes(neuron: Neuron, potential: Potentials) -> Iterator[tuple[int, npt.NDArray[np.bool_]]]:
    """The compares of one decision, in their order: the multiple of Θ, and where V reached and lost it, (frames, neurons)."""
    threshold = neuron.spread(neuron.threshold).astype(potential.dtype)
    for multiple in neuron.fire_multiples:
        subtracted = threshold * multiple
        fires = potential >= subtracted
        potential -= subtracted * fires
        yield multiple, fires


def fire_frame(neuron: Neuron, potential: Potentials) -> tuple[SpikeArray, Counts]:
    """All time steps of a deferred neuron.

    Args:
        neuron: a deferred neuron.
        potential: (frames, neurons), charge plus offset; changed.

    Returns:
        Values on the wire, (time steps, frames, neurons), and the resets of every frame, (frames,).
    """
    if neuron.fires_by_division:
        levels, resets = decide(neuron, potential)
        return emitted(neuron, levels), resets
    if needs_saturation(neuron):
        held = neuron.spread(neuron.threshold) * (neuron.levels + 1) - 1
        np.minimum(potential, held.astype(potential.dtype), out=potential)
    out = np.empty((neuron.time_steps, *potential.shape), dtype=np.int8)
    for step, (_, fires) in enumerate(fire_passes(neuron, potential)):
        out[step] = fires
    return out, np.count_nonzero(out, axis=(0, 2)).astype(np.int64)


def emitted(neuron: Neuron, levels: npt.NDArray[np.int8]) -> SpikeArray:
    """How levels (frames, neurons) travel: (time steps, frames, neurons)."""
    if neuron.code is WireCode.COUNT:
        return levels[None].copy()
    sign, magnitude = np.sign(levels), np.abs(levels)
    steps: list[npt.NDArray[Any]]
    if neuron.code is WireCode.UNARY:
        steps = [magnitude > step for step in range(neuron.time_steps)]
    else:
        planes = bit_planes(max(neuron.levels, -neuron.lowest))
        steps = [magnitude >> np.int8(plane) & np.int8(1) for plane in reversed(range(planes))]
    return np.stack([np.multiply(step, sign, dtype=np.int8) for step in steps])
