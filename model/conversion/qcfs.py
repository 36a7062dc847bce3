"""The SNN of QCFS (Bu et al., ICLR 2022): the neuron of opi on a network that was trained with the staircase itself.

Any number of time steps; Θ and V0 = ⌊Θ/2⌋ are in the units of the clip λ, so that none of them depends on it. The ANN that
it is compared with is the one that was trained, with its L levels.
"""

from __future__ import annotations

from model.conversion.deferred import Converted
from model.conversion.opi import opi_layers
from model.conversion.resolve import Codes
from model.conversion.trained import TrainedNetwork


def qcfs_layers(trained: TrainedNetwork, codes: Codes) -> Converted:
    """Layers of the integer network, widths not yet proved, and what rounding changed in each hidden one."""
    return opi_layers(trained, codes)
