"""Weights that training leaves out: an unrolled core has no table for them, and its sums are less deep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils import prune

from model.training.network import QuantisedNetwork

_RAMP = 0.6


@dataclass(frozen=True)
class Ramp:
    """How much is left out, epoch by epoch: little by little over the first 0.6 of them, and all of it from then on.

    s (1 − (1 − e / n)³) in epoch e of n, as Zhu and Gupta, "To prune, or not to prune" (ICLR 2018 workshop), eq. 1.

    Attributes:
        epochs: of the stage.
        from_start: all of it in every epoch, for a stage that starts with a sparse network.
    """

    epochs: int
    from_start: bool = False

    @property
    def last(self) -> int:
        """The first epoch that leaves out everything: a network of an earlier one is not the one that was asked for."""
        return 0 if self.from_start else math.ceil(_RAMP * self.epochs)

    def share(self, sparsity: float, epoch: int) -> float:
        """The share of a layer's weights that is zero in an epoch, from 1."""
        return sparsity if epoch >= self.last else sparsity * (1 - (1 - epoch / self.last) ** 3)


class Pruning:
    """The weights of an epoch that are zero: of each layer the smallest by magnitude (PyTorch's ``L1Unstructured``).

    What is left out follows from the weights and the epoch alone, so a training that was interrupted goes on as it was; weights
    that are zero are the smallest, so they stay.

    Args:
        network: whose weights are left out, of hidden layers and readout; those of a residual's convolution are kept.
        sparsity: share of zero weights in the end, of each hidden layer and the readout.
        ramp: of the stage.
    """

    def __init__(self, network: QuantisedNetwork, sparsity: Sequence[float], ramp: Ramp) -> None:
        weights = [*(layer.weighted.weight for layer in network.layers()), network.readout.weight]
        self._pruned = [(weight, share) for weight, share in zip(weights, sparsity, strict=True) if share]
        self._ramp = ramp
        self._kept: list[Tensor] = []

    def begin(self, epoch: int) -> None:
        """Choose what the epoch leaves out, from 1, and leave it out."""
        self._kept = [_kept(weight.detach(), self._ramp.share(share, epoch)) for weight, share in self._pruned]
        self.apply()

    @torch.no_grad()
    def apply(self) -> None:
        """Set them to zero again, after a step of an optimiser, whose momentum still moves them."""
        for (weight, _), kept in zip(self._pruned, self._kept, strict=True):
            weight.mul_(kept)

    def selectable(self, epoch: int) -> bool:
        """Whether a network of this epoch leaves out everything that it should."""
        return not self._pruned or epoch >= self._ramp.last


def _kept(weight: Tensor, share: float) -> Tensor:
    """1 for the weights that stay, else 0."""
    return prune.L1Unstructured(share).compute_mask(weight, torch.ones_like(weight))  # type: ignore[no-untyped-call,no-any-return]
