"""The quantisers of the network as Brevitas injectors: narrow-range weights and the QCFS activation."""

from __future__ import annotations

from typing import Any

import torch
from brevitas.core.function_wrapper import TensorClamp
from brevitas.core.quant import IntQuant
from brevitas.function.ops_ste import floor_ste
from brevitas.inject import ExtendedInjector
from brevitas.inject.enum import RestrictValueType, ScalingImplType, ScalingPerOutputType
from brevitas.quant.base import NarrowIntQuant, UintQuant
from brevitas.quant.scaled_int import Int8WeightPerChannelFloat, Int8WeightPerTensorFloat
from brevitas.quant.solver.act import ActQuantSolver
from brevitas.quant.solver.weight import WeightQuantSolver
from torch import Tensor, nn

_SMALLEST_CLIP = 1e-3


class HalfUp(nn.Module):
    """floor(x + 1/2) with a straight-through gradient; Brevitas' own ROUND takes halves to even."""

    def forward(self, x: Tensor) -> Tensor:
        """Round, any shape."""
        return floor_ste(x + 0.5)  # type: ignore[no-any-return]


class LevelQuant(IntQuant):  # type: ignore[misc]
    """Brevitas' unsigned integer quantiser with ``levels`` steps, which need not be 2**bit_width − 1."""

    def __init__(self, levels: int, input_view_impl: nn.Module) -> None:
        super().__init__(
            narrow_range=False,
            signed=False,
            input_view_impl=input_view_impl,
            float_to_int_impl=HalfUp(),
            tensor_clamp_impl=TensorClamp(),
        )
        self.levels = levels

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


def qcfs_activation(levels: int, clip: float, trainable: bool = True) -> type[ExtendedInjector]:
    """QCFS (Bu et al., ICLR 2022): k = clip(floor(z·L/λ + 1/2), 0, L), output k·λ/L.

    Args:
        levels: L, at least 1.
        clip: λ, its start value where it is trained.
        trainable: whether λ is a parameter of the network.
    """
    divisor = levels

    class QcfsActivation(UintQuant, ActQuantSolver):  # type: ignore[misc]
        """One scale for the whole layer."""

        int_quant = LevelQuant
        levels = divisor
        int_scaling_impl = LevelScaling
        scaling_impl_type = ScalingImplType.PARAMETER if trainable else ScalingImplType.CONST
        scaling_per_output_type = ScalingPerOutputType.TENSOR
        restrict_scaling_type = RestrictValueType.FP
        scaling_min_val = _SMALLEST_CLIP if trainable else None
        bit_width = divisor.bit_length()
        min_val = 0.0
        max_val = clip

    return QcfsActivation


def hidden_weights(bits: int) -> type[ExtendedInjector]:
    """Signed narrow-range weights of 2..8 bits with one scale for every output channel."""
    return _weights(Int8WeightPerChannelFloat, bits)


def readout_weights(bits: int) -> type[ExtendedInjector]:
    """The same with one scale for the layer, so that the order of the scores is the order of the integers."""
    return _weights(Int8WeightPerTensorFloat, bits)


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
