"""The trained network as plain numbers: integer weights, and what turns their sums into real pre-activations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from model.integer_network.structure import IntArray

if TYPE_CHECKING:
    from torch import Tensor

    from model.training.network import HiddenLayer, QuantisedNetwork

RealArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrainedLayer:
    """A hidden layer: z = gain · (unit of the source) · Σ weights·level + bias, then a staircase of ``levels`` levels.

    Level of z: clip(floor(z / distance + 1/2), lowest, levels), where ``distance`` is ``threshold_unit`` or else ``unit``;
    with a negative slope, z below zero is multiplied by it first. One level stands for the activation ``unit``.

    Attributes:
        weights: (channels, source channels), the integers of the weight quantiser.
        weight_bits: their width.
        gain: (channels,), weight scale times batch-norm gain; negative or zero where batch norm's is.
        bias: (channels,), batch norm's shift or the layer's bias.
        unit: λ / L, the activation that one level stands for; λ itself where there are no levels yet.
        levels: L; 0 where the activation is not quantised (clip and relu before ``with_levels`` or calibration).
        lowest: the lowest level, at most 0.
        negative_slope: of a leaky activation, else 0.
        threshold_unit: (channels,), distance of two levels in z, where it is not ``unit``.
        initial_potential: (channels,), V0 of causal neurons in thresholds; None is 1/2.
    """

    weights: IntArray
    weight_bits: int
    gain: RealArray
    bias: RealArray
    unit: float
    levels: int
    lowest: int = 0
    negative_slope: float = 0.0
    threshold_unit: RealArray | None = None
    initial_potential: RealArray | None = None

    @property
    def clip(self) -> float:
        """λ."""
        return self.unit * max(self.levels, 1)

    @property
    def distance(self) -> RealArray:
        """Distance of two levels in z, (channels,)."""
        return np.full(len(self.gain), self.unit) if self.threshold_unit is None else self.threshold_unit


@dataclass(frozen=True, eq=False)
class TrainedReadout:
    """The last layer: score = scale · (unit of the source) · Σ weights·level + bias."""

    weights: IntArray
    weight_bits: int
    scale: float
    bias: RealArray


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """All layers; ``input_levels`` is the largest input level, which stands for the activation 1."""

    input_levels: int
    hidden: tuple[TrainedLayer, ...]
    readout: TrainedReadout


def with_levels(trained: TrainedNetwork, levels: Sequence[int]) -> TrainedNetwork:
    """The same network read with other level counts: the clip λ stays, one level stands for λ / L.

    Args:
        trained: a network of any activation but signed.
        levels: L of every hidden layer.
    """
    hidden = tuple(_with_levels(layer, count) for layer, count in zip(trained.hidden, levels, strict=True))
    return replace(trained, hidden=hidden)


def _with_levels(layer: TrainedLayer, levels: int) -> TrainedLayer:
    if layer.lowest < 0 and not layer.negative_slope:
        raise AssertionError("the levels of a signed activation have no clip in common that another number could divide")
    before = max(layer.levels, 1)
    return replace(
        layer,
        unit=layer.clip / levels,
        levels=levels,
        lowest=-levels if layer.negative_slope else 0,
        threshold_unit=None if layer.threshold_unit is None else layer.threshold_unit * before / levels,
    )


def trained_numbers(network: QuantisedNetwork) -> TrainedNetwork:
    """Read a trained Brevitas network in evaluation mode; batch norm with its running statistics."""
    hidden = tuple(_layer(layer) for layer in network.hidden)  # type: ignore[arg-type]
    weight = network.readout.quant_weight()
    readout = TrainedReadout(
        integers(weight.int()), int(weight.bit_width), float(weight.scale.detach()), reals(network.readout.bias)
    )
    return TrainedNetwork(network.input_levels, hidden, readout)


def _layer(layer: HiddenLayer) -> TrainedLayer:
    weight = layer.linear.quant_weight()
    gain = reals(weight.scale).reshape(-1)
    norm = layer.norm
    if norm is None:
        bias = reals(layer.linear.bias)
    else:
        assert norm.running_var is not None
        assert norm.running_mean is not None
        factor = reals(norm.weight) / np.sqrt(reals(norm.running_var) + norm.eps)
        bias = reals(norm.bias) - factor * reals(norm.running_mean)
        gain = gain * factor
    return TrainedLayer(
        weights=integers(weight.int()),
        weight_bits=int(weight.bit_width),
        gain=gain,
        bias=bias,
        unit=float(layer.unit.detach()),
        levels=layer.levels,
        lowest=layer.lowest,
        negative_slope=layer.negative_slope,
    )


def integers(values: Tensor) -> IntArray:
    """A tensor of whole numbers, wherever it is, as int64."""
    return values.detach().cpu().numpy().astype(np.int64)


def reals(values: Tensor) -> RealArray:
    """A tensor, wherever it is, in double precision."""
    return values.detach().cpu().double().numpy()
