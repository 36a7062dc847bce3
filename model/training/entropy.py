"""Where a signed quantiser starts: at the clip whose levels are occupied most evenly, layer by layer on training images.

The paper on polarity multi-spikes analyses quantisation by its entropy and names a hyper-parameter adjustment of the quantisation
layer, which its abstract does not describe. This is our reading of it: the entropy of the level occupancy is what a layer of
given levels can pass on at most, so λ starts where that is largest; from there it is trained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from model.training.network import QuantisedNetwork

# λ in standard deviations of the pre-activations: from a single occupied level to a tail that is cut off on both sides.
CANDIDATES = tuple(0.05 * step for step in range(4, 121))


def occupancy_entropy(in_order: Tensor, clip: float, levels: int, lowest: int) -> float:
    """Entropy in bits of the levels clip(floor(z·L/λ + 1/2), lowest, L).

    Args:
        in_order: z in ascending order, (values,), double precision.
        clip: λ.
        levels: L.
        lowest: the lowest level, at most 0.
    """
    begins = (torch.arange(lowest + 1, levels + 1, dtype=torch.float64) - 0.5) * (clip / levels)
    below = torch.searchsorted(in_order, begins)
    ends = torch.cat([torch.zeros(1, dtype=below.dtype), below, torch.tensor([len(in_order)])])
    share = ends.diff().double() / len(in_order)
    return float(-(share[share > 0] * share[share > 0].log2()).sum())


def clip_of_most_entropy(pre_activations: Tensor, levels: int, lowest: int) -> float:
    """λ among ``CANDIDATES`` standard deviations with the largest entropy of the levels; the smallest of equals."""
    in_order = pre_activations.detach().cpu().double().reshape(-1).sort().values
    deviation = float(in_order.std(correction=0))
    if deviation == 0:
        return 1.0
    clips = [factor * deviation for factor in CANDIDATES]
    return max(clips, key=lambda clip: occupancy_entropy(in_order, clip, levels, lowest))


@torch.no_grad()
def start_at_most_entropy(network: QuantisedNetwork, levels: Tensor) -> list[float]:
    """Set λ of every signed layer, front to back, each on the outputs of the layers that are set already.

    Batch norm takes part with the statistics of these images, which also warm up its running ones.

    Args:
        network: before training.
        levels: input levels of training images, (images, pixels).

    Returns:
        λ of every hidden layer.
    """
    network.train()
    clips = []
    for layer, before in network.pre_activations(levels.to(next(network.parameters()).dtype)):
        clips.append(clip_of_most_entropy(before, layer.levels, layer.lowest))
        layer.activation.start_at(clips[-1])
    return clips
