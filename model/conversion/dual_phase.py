"""Dual-phase conversion (Wang et al.): causal neurons, a calibrated V0 for each, T = levels; leaky ones spike both ways.

Training's second stage is phase I, ``model.calibration.dual_phase`` phase II; here its result becomes integers: V0 =
round(v·Θ). A leaky neuron has a second threshold Θ⁻ = Θ / slope: where V < −Θ⁻ it sends −1 and V ← V + Θ⁻. The ANN that the
network is compared with has V0 = Θ/2 on either side, as phase I trained it.
"""

from __future__ import annotations

import numpy as np

from model.conversion.causal import CausalRule, causal_layers
from model.conversion.deferred import Converted, deferred_layers
from model.conversion.fold import FoldedLayer, rounded
from model.conversion.resolve import Codes
from model.conversion.trained import TrainedNetwork
from model.integer_network.structure import IntArray


def dual_phase_layers(trained: TrainedNetwork, codes: Codes) -> Converted:
    """Layers of the integer network, widths not yet proved, and what rounding changed in each hidden one."""
    if codes.time_steps is None:
        return deferred_layers(trained, codes)
    return causal_layers(trained, codes, CausalRule(_calibrated_potential))


def _calibrated_potential(folded: FoldedLayer, threshold: IntArray, positions: tuple[int, int]) -> IntArray:
    """Half a threshold is rounded down, as everywhere else; a map has a V0 at every position."""
    start = folded.initial_potential
    if len(start) != len(threshold):
        threshold = np.repeat(threshold, positions[0] * positions[1])
    return np.where(start == 0.5, threshold // 2, rounded(start * threshold))
