"""Input coding: pixels to levels to spikes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from model.integer_network import Encoder, InputCode

SpikeArray = npt.NDArray[np.int8]
"""Values on the wire, (time steps, frames, neurons): 0 and 1, signed, or several spikes at once."""


def input_levels(pixels: npt.NDArray[np.uint8], encoder: Encoder) -> npt.NDArray[np.uint8]:
    """Quantise pixels to the encoder's levels: the top ``bits`` bits of each.

    Args:
        pixels: (frames, …) of 0..255, any image shape with the encoder's number of channels.

    Returns:
        (frames, neurons) of 0..2**bits − 1.
    """
    return np.ascontiguousarray(pixels.reshape(len(pixels), encoder.neurons) >> np.uint8(8 - encoder.bits))


def input_spikes(levels: npt.NDArray[np.uint8], encoder: Encoder) -> SpikeArray:
    """The spikes on the wire, (time steps, frames, neurons) of 0 and 1.

    ``bits`` and ``direct``: planes, most significant first. ``unary``: the train of an integrate-and-fire encoder
    with a threshold of 2**bits − 1, started at half of it (rounded down), that receives the level at every step.
    """
    if encoder.code is not InputCode.UNARY:
        planes = np.stack([(levels >> np.uint8(plane)) & np.uint8(1) for plane in reversed(range(encoder.bits))])
        return planes.view(np.int8)
    return unary_patterns(encoder.levels)[levels].transpose(2, 0, 1).copy()


def unary_patterns(threshold: int) -> SpikeArray:
    """Trains of the integrate-and-fire encoder, (levels + 1, time steps), levels = time steps = threshold."""
    level = np.arange(threshold + 1)
    potential = np.full(threshold + 1, threshold // 2)
    patterns = np.zeros((threshold + 1, threshold), dtype=np.int8)
    for step in range(threshold):
        potential = potential + level
        fires = potential >= threshold
        potential = potential - threshold * fires
        patterns[:, step] = fires
    return patterns
