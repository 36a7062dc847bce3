"""The staircase of an activation quantiser as one step of automatic differentiation.

The function and the gradients are those of the Brevitas quantiser, which takes a dozen passes over the map to get there; on the
maps of a convolutional network these passes cost as much time as the convolutions. Networks are evaluated with Brevitas itself.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class _Staircase(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, values: Tensor, scale: Tensor, lowest: int, levels: int) -> Tensor:
        quotient = values / scale
        context.save_for_backward(quotient, scale)
        context.range = lowest, levels
        return (quotient + 0.5).floor_().clamp_(lowest, levels).mul_(scale)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None]:
        quotient, scale = context.saved_tensors
        lowest, levels = context.range
        (gradient,) = gradients
        level = (quotient + 0.5).floor_()
        inside = (level >= lowest) & (level <= levels)
        # Where it is clipped the output follows the scale alone, elsewhere by what rounding changed.
        of_scale = level.clamp_(lowest, levels).sub_(quotient * inside).mul_(gradient).sum()
        return gradient * inside, of_scale.reshape(scale.shape), None, None


def staircase(values: Tensor, scale: Tensor, lowest: int, levels: int) -> Tensor:
    """clip(floor(z / scale + 1/2), lowest, levels) · scale with straight-through gradients.

    Args:
        values: z, any shape.
        scale: λ / L, a scalar tensor.
        lowest: the lowest level.
        levels: L.
    """
    return _Staircase.apply(values, scale, lowest, levels)  # type: ignore[no-any-return, no-untyped-call]
