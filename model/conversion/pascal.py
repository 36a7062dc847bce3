"""PASCAL (Ramesh & Srinivasan, TMLR 2025) as wait-then-fire: deferred neurons, exact, a level count for every layer.

A neuron adds all charge of a frame, then sends k = clip(floor(V / Θ), 0, L). The published neuron fires while it integrates
and corrects itself with negative spikes; it sends the same train. The level counts are those that the network was trained
with, adaptive ones included.
"""

from __future__ import annotations

from model.conversion.deferred import Converted, deferred_layers
from model.conversion.resolve import Codes
from model.conversion.trained import TrainedNetwork


def pascal_layers(trained: TrainedNetwork, codes: Codes) -> Converted:
    """Layers of the integer network, widths not yet proved, and what rounding changed in each hidden one."""
    return deferred_layers(trained, codes)
