"""The activation of a hidden layer: in levels through a Brevitas quantiser, or a real clamp that gets its levels later."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from brevitas.nn import QuantIdentity
from torch import Tensor, nn

from model.config.effective import activation_of, levels_are_trained
from model.config.schema import Configuration
from model.conversion.resolve import levels_by_layer
from model.training.quantisers import SMALLEST_CLIP, level_activation
from model.training.staircase import staircase

LEAKY_SLOPE = 0.01
_FIRST_CLIP = 2.0
_MAP = 4


@dataclass(frozen=True)
class ActivationShape:
    """What decides the activation function of one hidden layer, but for its trained clip λ.

    Attributes:
        kind: qcfs, clip, relu, signed or leaky.
        levels: L; 0 where the activation is not quantised.
        lowest: the lowest level, at most 0.
        clip: λ at the start; nothing to relu.
        denoise: the share of activations that stay unrounded while training.
    """

    kind: str
    levels: int = 0
    lowest: int = 0
    clip: float = _FIRST_CLIP
    denoise: float = 0.0

    @property
    def negative_slope(self) -> float:
        """The slope below zero of a leaky activation, else 0."""
        return LEAKY_SLOPE if self.kind == "leaky" else 0.0

    def with_levels(self, levels: int, clip: float, denoise: float = 0.0) -> ActivationShape:
        """The same kind in levels, as the second stage of training has it; leaky gets as many below zero as above."""
        lowest = -levels if self.kind == "leaky" else self.lowest
        return replace(self, levels=levels, lowest=lowest, clip=clip, denoise=denoise)


def first_stage_shapes(config: Configuration) -> list[ActivationShape]:
    """The activation of every hidden layer in the first stage of training.

    Raises:
        UserError: ``network.levels`` has a wrong length.
    """
    kind = activation_of(config)
    levels = levels_by_layer(config)
    if not levels_are_trained(config):
        return [ActivationShape(kind)] * len(levels)
    if kind == "qcfs":
        return [ActivationShape(kind, count) for count in levels]
    below = config.network.lowest_levels
    return [ActivationShape(kind, count, -(count if below == "auto" else below)) for count in levels]


class TrainedClamp(nn.Module):
    """clip(z, low·λ, λ) with a trained λ: the clamp of dual-phase's first training (``TClamp``), and OPI's."""

    def __init__(self, clip: float, low: float) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.tensor(clip))
        self.low = low

    def clip(self) -> Tensor:
        """λ, a scalar above zero."""
        return self.value.abs().clamp(min=SMALLEST_CLIP)

    def forward(self, values: Tensor) -> Tensor:
        """Any shape; λ gets the gradient of what is clipped."""
        clip = self.clip()
        return torch.clamp(values, min=self.low * clip, max=clip)


class HiddenActivation(nn.Module):
    """The activation of one hidden layer; its output is in real units, levels times ``unit`` where it has levels."""

    def __init__(self, shape: ActivationShape) -> None:
        super().__init__()
        self.shape = shape
        self.quantiser: QuantIdentity | None = None
        self.clamp: TrainedClamp | None = None
        if shape.levels:
            self.quantiser = QuantIdentity(act_quant=level_activation(shape.levels, shape.clip, shape.lowest, shape.denoise))
        elif shape.kind != "relu":
            self.clamp = TrainedClamp(shape.clip, -1.0 if shape.negative_slope or shape.kind == "signed" else 0.0)

    def forward(self, values: Tensor) -> Tensor:
        """Pre-activations of any shape."""
        if self.shape.negative_slope:
            values = nn.functional.leaky_relu(values, self.shape.negative_slope)
        if self.quantiser is not None:
            if self.training and values.ndim == _MAP and not self.shape.denoise:
                return staircase(values, self.unit, self.shape.lowest, self.shape.levels)
            return self.quantiser(values)  # type: ignore[no-any-return]
        return nn.functional.relu(values) if self.clamp is None else self.clamp(values)

    @property
    def unit(self) -> Tensor:
        """λ / L, a scalar; λ where there are no levels, 1 for relu, which has no clip."""
        if self.quantiser is not None:
            return self.quantiser.act_quant.scale()  # type: ignore[no-any-return]
        return torch.ones(()) if self.clamp is None else self.clamp.clip()

    @property
    def clip(self) -> float:
        """λ, exactly as it is held; 1 for relu."""
        return max((abs(float(value.detach())) for value in self.parameters()), default=1.0)

    @torch.no_grad()
    def start_at(self, clip: float) -> None:
        """Give λ another value; relu has none."""
        for value in self.parameters():
            value.fill_(clip)
