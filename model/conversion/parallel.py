"""Parallel Conversion (Hao et al., ICML 2025): all T spikes decided at once, s_i = [S + Θ/2 ≥ i·Θ] for i = 1..T; exact.

That is the deferred neuron with T levels. T is chosen here: a network that was trained with another level count is read with
T levels of the same clip, one that was trained without levels gets them from ``model.calibration.distribution_aware`` or
from its clip.
"""

from __future__ import annotations

from model.conversion.deferred import Converted, deferred_layers
from model.conversion.resolve import Codes
from model.conversion.trained import TrainedNetwork, with_levels


def parallel_layers(trained: TrainedNetwork, codes: Codes) -> Converted:
    """Layers of the integer network, widths not yet proved, and what rounding changed in each hidden one."""
    if codes.levels is not None and codes.levels != tuple(layer.levels for layer in trained.hidden):
        trained = with_levels(trained, codes.levels)
    return deferred_layers(trained, codes)
