"""The trained network as plain numbers: integer weights, and what turns their sums into real pre-activations."""

from __future__ import annotations

from dataclasses import dataclass
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
    """A hidden layer: z = gain · (unit of the source) · Σ weights·level + bias, a = QCFS(z) with levels of that unit.

    Attributes:
        weights: (channels, source channels), the integers of the weight quantiser.
        weight_bits: their width.
        gain: (channels,), weight scale times batch-norm gain; negative or zero where batch norm's is.
        bias: (channels,), batch norm's shift or the layer's bias.
        unit: λ / L, the activation that one level stands for.
        levels: L.
    """

    weights: IntArray
    weight_bits: int
    gain: RealArray
    bias: RealArray
    unit: float
    levels: int

    @property
    def clip(self) -> float:
        """λ."""
        return self.unit * self.levels


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


def trained_numbers(network: QuantisedNetwork) -> TrainedNetwork:
    """Read a trained Brevitas network in evaluation mode; batch norm with its running statistics."""
    hidden = tuple(_layer(layer) for layer in network.hidden)  # type: ignore[arg-type]
    weight = network.readout.quant_weight()
    readout = TrainedReadout(_integers(weight.int()), int(weight.bit_width), float(weight.scale), _reals(network.readout.bias))
    return TrainedNetwork(network.input_levels, hidden, readout)


def _layer(layer: HiddenLayer) -> TrainedLayer:
    weight = layer.linear.quant_weight()
    gain = _reals(weight.scale).reshape(-1)
    norm = layer.norm
    if norm is None:
        bias = _reals(layer.linear.bias)
    else:
        assert norm.running_var is not None
        assert norm.running_mean is not None
        factor = _reals(norm.weight) / np.sqrt(_reals(norm.running_var) + norm.eps)
        bias = _reals(norm.bias) - factor * _reals(norm.running_mean)
        gain = gain * factor
    return TrainedLayer(_integers(weight.int()), int(weight.bit_width), gain, bias, float(layer.unit), layer.levels)


def _integers(values: Tensor) -> IntArray:
    return values.detach().cpu().numpy().astype(np.int64)


def _reals(values: Tensor) -> RealArray:
    return values.detach().cpu().double().numpy()
