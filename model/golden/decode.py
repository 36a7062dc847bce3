"""From spikes back to levels."""

from __future__ import annotations

import numpy as np

from model.golden.encoding import SpikeArray
from model.integer_network import Layer, WireCode
from model.integer_network.structure import IntArray


def decoded_levels(layer: Layer, spikes: SpikeArray) -> IntArray:
    """Levels, or numbers of spikes of a causal layer, (frames, neurons).

    Args:
        layer: a layer that fires.
        spikes: (time steps, frames, neurons) of 0 and 1.
    """
    if layer.neuron.code is not WireCode.BITS:
        return np.asarray(spikes.sum(axis=0, dtype=np.int64))
    levels = np.zeros(spikes.shape[1:], dtype=np.int64)
    for plane in spikes:
        levels = 2 * levels + plane
    return levels
