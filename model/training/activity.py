"""A price on spikes while training: a network that needs fewer events takes fewer cycles and less energy."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType

import torch
from torch import Tensor, nn

from model.training.layers import HiddenLayer


class SpikePenalty(AbstractContextManager["SpikePenalty"]):
    """coefficient · mean |a| / λ over all neurons of all hidden layers: the level's share of the highest one.

    A rate penalty as in Neil et al., "Learning to be efficient" (SAC 2016), on levels in place of spikes in a time window. Each
    neuron counts the same, so that a layer weighs as much as it can send. Activations without levels count in units of their
    clip, those of relu as they are.

    Layers are listened to inside the ``with`` block, in training mode only.

    Args:
        layers: the hidden layers.
        coefficient: what a network is charged whose neurons all send their highest level; 0 costs nothing, neither time.
    """

    def __init__(self, layers: Sequence[HiddenLayer], coefficient: float) -> None:
        self._coefficient = coefficient
        self._layers = layers if coefficient else []
        self._neurons = sum(layer.plan.shape.size for layer in layers)
        self._handles: list[torch.utils.hooks.RemovableHandle] = []
        self._shares: list[Tensor] = []

    def __enter__(self) -> SpikePenalty:
        self._handles = [layer.register_forward_hook(self._listen) for layer in self._layers]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for handle in self._handles:
            handle.remove()

    def _listen(self, layer: nn.Module, _: tuple[Tensor, ...], sent: Tensor) -> None:
        assert isinstance(layer, HiddenLayer)
        if layer.training:
            self._shares.append((sent.abs() / (layer.unit * max(layer.levels, 1))).sum() / len(sent))

    def take(self) -> Tensor | float:
        """The penalty of the forward pass since the last call, a scalar with its gradient; 0.0 where nothing was heard."""
        shares, self._shares = self._shares, []
        return self._coefficient * torch.stack(shares).sum() / self._neurons if shares else 0.0
