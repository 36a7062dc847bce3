"""The quantisers of the network as Brevitas injectors: narrow-range weights and activations in levels."""

from __future__ import annotations

from typing import Any

import torch
from brevitas.core.function_wrapper import TensorClamp
from brevitas.core.quant import IntQuant
from brevitas.function.ops_ste import floor_ste
from brevitas.inject import ExtendedInjector
from brevitas.inject.enum import RestrictValueType, ScalingImplType, ScalingPerOutputType
from brevitas.quant.base import IntQuant as SignedQuant
from brevitas.quant.base import NarrowIntQuant, UintQuant
from brevitas.quant.scaled_int import Int8WeightPerChannelFloat, Int8WeightPerTensorFloat
from brevitas.quant.solver.act import ActQuantSolver
from brevitas.quant.solver.weight import WeightQuantSolver
from torch import Tensor, nn

SMALLEST_CLIP = 1e-3
# Brevitas' own bound, which keeps a channel of zeros from dividing by zero.
_SMALLEST_SCALE = 1e-10


class HalfUp(nn.Module):
    """floor(x + 1/2) with a straight-through gradient; Brevitas' own ROUND takes halves to even."""

    def forward(self, x: Tensor) -> Tensor:
        """Round, any shape."""
        return floor_ste(x + 0.5)  # type: ignore[no-any-return]


class NoisyHalfUp(nn.Module):
    """Phase I of dual-phase: while training, a share of the values, drawn anew each time, stays as it is.

    x + m·(floor(x + 1/2) − x) with a Bernoulli m for every value, P(m = 0) = ``denoise``; in evaluation m = 1. The gradient
    passes straight through.
    """

    def __init__(self, denoise: float) -> None:
        super().__init__()
        self.denoise = denoise

    def forward(self, x: Tensor) -> Tensor:
        """Round, any shape."""
        rounded: Tensor = floor_ste(x + 0.5)
        return torch.where(torch.rand_like(x) < self.denoise, x, rounded) if self.training else rounded


class LevelQuant(IntQuant):  # type: ignore[misc]
    """Brevitas' integer quantiser with the levels ``lowest``..``levels``, which need not be those of a bit width."""

    def __init__(self, levels: int, lowest: int, denoise: float, input_view_impl: nn.Module) -> None:
        super().__init__(
            narrow_range=False,
            signed=lowest < 0,
            input_view_impl=input_view_impl,
            float_to_int_impl=NoisyHalfUp(denoise) if denoise else HalfUp(),
            tensor_clamp_impl=TensorClamp(),
        )
        self.levels = levels
        self.lowest = lowest

    def min_int(self, bit_width: Tensor) -> Tensor:
        """The lowest level."""
        return torch.full_like(bit_width, float(self.lowest))

    def max_int(self, bit_width: Tensor) -> Tensor:
        """The largest level, whatever the bit width could hold."""
        return torch.full_like(bit_width, float(self.levels))


class LevelScaling(nn.Module):
    """The clip holds ``levels`` steps: Brevitas divides its scaling by this."""

    def __init__(self, levels: int) -> None:
        super().__init__()
        self.levels = levels

    def forward(self, bit_width: Tensor) -> Tensor:
        """The divisor, the shape of ``bit_width``."""
        return torch.full_like(bit_width, float(self.levels))


def level_activation(
    levels: int, clip: float, lowest: int = 0, denoise: float = 0.0, trainable: bool = True
) -> type[ExtendedInjector]:
    """A staircase with one step size: k = clip(floor(z·L/λ + 1/2), lowest, L), output k·λ/L; from 0 QCFS (Bu et al., ICLR 2022).

    Args:
        levels: L, at least 1.
        clip: λ, its start value where it is trained.
        lowest: the lowest level, at most 0; below 0 the quantiser is signed, with one step size on both sides.
        denoise: the share of values that stay unrounded while training.
        trainable: whether λ is a parameter of the network.
    """
    largest, smallest, unrounded = levels, lowest, denoise
    base: Any = UintQuant if lowest == 0 else SignedQuant

    class LevelActivation(base, ActQuantSolver):  # type: ignore[misc]
        """One scale for the whole layer."""

        int_quant = LevelQuant
        levels = largest
        lowest = smallest
        denoise = unrounded
        int_scaling_impl = LevelScaling
        scaling_impl_type = ScalingImplType.PARAMETER if trainable else ScalingImplType.CONST
        scaling_per_output_type = ScalingPerOutputType.TENSOR
        restrict_scaling_type = RestrictValueType.FP
        scaling_min_val = SMALLEST_CLIP if trainable else None
        bit_width = max(largest, -smallest).bit_length() + (smallest < 0)
        min_val = 0.0
        max_val = clip

    return LevelActivation


def hidden_weights(bits: int) -> type[ExtendedInjector]:
    """Signed narrow-range weights of 2..8 bits with one scale for every output channel."""
    return _weights(Int8WeightPerChannelFloat, bits)


def readout_weights(bits: int) -> type[ExtendedInjector]:
    """The same with one scale for the layer, so that the order of the scores is the order of the integers."""
    return _weights(Int8WeightPerTensorFloat, bits)


class ChannelMaximum(nn.Module):
    """The largest magnitude of every output channel of the weights at hand.

    Brevitas' own looks at the one parameter that it was made for; this one also serves weights that are rounded together.
    """

    def __init__(self) -> None:
        # Brevitas reads the arguments of a class from a signature of its own.
        super().__init__()

    def forward(self, weights: Tensor, threshold: Tensor | None = None) -> Tensor:
        """(channels, 1, …), over ``threshold``, the largest integer."""
        largest = weights.abs().amax(dim=tuple(range(1, weights.ndim)), keepdim=True).clamp(min=_SMALLEST_SCALE)
        return largest if threshold is None else largest / threshold


def map_weights(bits: int) -> type[ExtendedInjector]:
    """The same as ``hidden_weights`` for a convolution, whose quantiser also rounds a shortcut's weights beside its own."""
    width = bits

    class MapWeights(Int8WeightPerChannelFloat):  # type: ignore[misc]
        """Scale from the largest magnitude of the channel."""

        bit_width = width
        narrow_range = True
        scaling_impl = ChannelMaximum

    return MapWeights


def _weights(base: Any, bits: int) -> type[ExtendedInjector]:
    width = bits

    class TrainedWeights(base):  # type: ignore[misc]
        """Scale from the largest magnitude of the channel, followed during training."""

        bit_width = width
        narrow_range = True

    return TrainedWeights


class UnitWeights(NarrowIntQuant, WeightQuantSolver):  # type: ignore[misc]
    """Weights that are integers already: the scale is 1."""

    scaling_impl_type = ScalingImplType.CONST
    scaling_per_output_type = ScalingPerOutputType.TENSOR
    restrict_scaling_type = RestrictValueType.FP
    int_scaling_impl = LevelScaling
    levels = 1
    scaling_init = 1.0
