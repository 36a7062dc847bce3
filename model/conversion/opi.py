"""Optimised Potential Initialisation (Bu et al., AAAI 2022): causal neurons, V0 = ⌊Θ/2⌋, not exact beyond the first layer.

V ← V + charge + bias; spike where V ≥ Θ; V ← V − Θ, at each of T steps, Θ in the units of the clip λ. A clipped activation
has no levels: its staircase of T levels, what constant charge would give, is the ANN that the network is compared with.
"""

from __future__ import annotations

from model.conversion.causal import CausalRule, causal_layers, half_threshold, zero_potential
from model.conversion.deferred import Converted, deferred_layers
from model.conversion.resolve import Codes
from model.conversion.trained import TrainedNetwork, with_levels


def opi_layers(trained: TrainedNetwork, codes: Codes) -> Converted:
    """Layers of the integer network, widths not yet proved, and what rounding changed in each hidden one."""
    if codes.time_steps is None:
        # A readout alone has no neuron that fires, so it is the same in every method.
        return deferred_layers(trained, codes)
    if codes.levels is not None:
        trained = with_levels(trained, codes.levels)
    return causal_layers(trained, codes, CausalRule(zero_potential if codes.starts_at_zero else half_threshold))
