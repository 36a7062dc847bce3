"""Polarity multi-spike mapping (Zhang et al., 2025; only its abstract is public): signed levels, several spikes at once.

Inferred here: k = clip(floor(V / Θ), −N, P) with V0 = ⌊Θ/2⌋. One time step is the deferred signed neuron and exact. With
several, every step carries a k of its own and what is left of V stays: the causal signed multi-spike neuron, whose
difference to the ANN is measured.
"""

from __future__ import annotations

from model.conversion.causal import CausalRule, causal_layers
from model.conversion.deferred import Converted, deferred_layers
from model.conversion.resolve import Codes
from model.conversion.trained import TrainedNetwork


def pmsm_layers(trained: TrainedNetwork, codes: Codes) -> Converted:
    """Layers of the integer network, widths not yet proved, and what rounding changed in each hidden one."""
    if codes.time_steps is None:
        return deferred_layers(trained, codes)
    return causal_layers(trained, codes, CausalRule(multi_spikes=True))
