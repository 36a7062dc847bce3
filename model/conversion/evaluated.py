"""The ``ann`` of the chain: the folded and rounded network in Brevitas modules, evaluated by torch in double precision.

Why that is exact. Weights and levels are integers, so every product and partial sum of a layer is an integer below 2**53 and the
matrix product is exact in any order. The staircase is floor(q + 1/2) of q = (2n − d) / (2d) with integers |n| < 2**46 and
0 < d < 2**44, numerator and denominator exact, so q carries the one rounding of the division. Level m begins at n = m·d, where q
is m − 1/2, which is representable; below that q is smaller by at least 1/d > 2**-44, and near |m| ≤ 64 neither the division nor
the addition of 1/2 errs by more than 2**-46. So no value crosses a level boundary. A value far from every boundary is rounded
more coarsely, but lies outside the clip whatever its last bits are.

Products alone are taken in single precision where every partial sum of a layer stays below 2**24: exact by the same argument, and
torch's fast convolutions are there in single precision only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from brevitas.nn import QuantConv2d, QuantIdentity, QuantLinear
from torch import Tensor, nn

from model.conversion.fold import turned_weights
from model.conversion.trained import TrainedNetwork
from model.integer_network import Layer, Network, NeuronMode, Synapses
from model.integer_network.structure import INPUT, IntArray
from model.training.quantisers import UnitWeights, level_activation

_EXACT_SINGLE = 1 << 24
"""Integers up to here are exact in single precision."""


@dataclass(frozen=True, eq=False)
class AnnResult:
    """Levels of every hidden layer, (images, channels); scores and classes of the readout."""

    levels: dict[str, IntArray]
    scores: IntArray
    classes: IntArray


class _IntegerStaircase(nn.Module):
    """The integer threshold and offset that batch norm, bias and scales became: charge to steps of the activation."""

    factor: Tensor
    offset: Tensor
    divisor: Tensor

    def __init__(self, factor: int, offset: IntArray, divisor: IntArray) -> None:
        super().__init__()
        self.register_buffer("factor", torch.tensor(float(factor), dtype=torch.float64))
        self.register_buffer("offset", torch.from_numpy(offset.astype(np.float64)))
        self.register_buffer("divisor", torch.from_numpy(divisor.astype(np.float64)))

    def forward(self, charge: Tensor) -> Tensor:
        """(n − d/2) / d with n = factor·charge + offset, d the divisor; (images, channels) or maps."""
        offset, divisor = (_of_channels(values, charge) for values in (self.offset, self.divisor))
        return (2 * (self.factor * charge + offset) - divisor) / (2 * divisor)


class _LeakyStaircase(nn.Module):
    """Two staircases: which of them counts decides the sign of the sum before V0."""

    bias: Tensor

    def __init__(self, factor: int, bias: IntArray, positive: _IntegerStaircase, negative: _IntegerStaircase) -> None:
        super().__init__()
        self.factor = float(factor)
        self.register_buffer("bias", torch.from_numpy(bias.astype(np.float64)))
        self.positive = positive
        self.negative = negative

    def forward(self, charge: Tensor) -> Tensor:
        """The staircase of its side for every sum."""
        below = self.factor * charge + _of_channels(self.bias, charge) < 0
        return torch.where(below, self.negative(charge), self.positive(charge))


class _Charge(nn.Module):
    """The synapses of a layer: of every group average pooling as a sum, then a Brevitas module that holds its integers."""

    def __init__(self, network: Network, groups: Sequence[Synapses], weights: Sequence[IntArray]) -> None:
        super().__init__()
        self.sources = [group.source for group in groups]
        self._pooling = [group.pooling for group in groups]
        self.groups = nn.ModuleList(
            _weighted(*values).to(_product_type(network, *values)) for values in zip(groups, weights, strict=True)
        )

    def forward(self, levels: dict[str, Tensor]) -> Tensor:
        """Levels of every source so far to the sums of all groups."""
        parts = [self._part(*values, levels) for values in zip(self.sources, self._pooling, self.groups, strict=True)]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    @staticmethod
    def _part(source: str, pooling: tuple[int, int], group: nn.Module, levels: dict[str, Tensor]) -> Tensor:
        values = levels[source].to(next(group.parameters()).dtype)
        if pooling != (1, 1):
            values = nn.functional.avg_pool2d(values, pooling, divisor_override=1)
        charge: Tensor = group(values.flatten(1) if isinstance(group, QuantLinear) else values)
        return charge.double()


def _product_type(network: Network, group: Synapses, weights: IntArray) -> torch.dtype:
    """Single precision where no partial sum of products can leave its integers."""
    most = max(map(abs, network.source_range(group.source))) * math.prod(group.pooling)
    largest = most * int(np.abs(weights).reshape(len(weights), -1).sum(axis=1).max(initial=0))
    return torch.float32 if largest < _EXACT_SINGLE else torch.float64


class RoundedNetwork(nn.Module):
    """An integer network as the ANN that it stands for.

    Args:
        network: a verified integer network of any method.
        weights: integer weights of every layer, group by group, from another source than the network, so that a weight that
            changed on the way shows; the network's own where absent.
    """

    def __init__(self, network: Network, weights: Sequence[Sequence[IntArray]] | None = None) -> None:
        super().__init__()
        if weights is None:
            weights = [[group.weights for group in layer.synapses] for layer in network.layers]
        reads_map = any(group.source == INPUT and group.is_convolution for layer in network.layers for group in layer.synapses)
        self._map = tuple(network.encoder.map) if reads_map else (network.encoder.neurons,)
        self._names = [layer.name for layer in network.hidden]
        self._pooling = [layer.max_pooling for layer in network.hidden]
        self.charge = nn.ModuleList(
            _Charge(network, layer.synapses, groups) for layer, groups in zip(network.layers, weights, strict=True)
        )
        self.staircase = nn.ModuleList()
        self.activation = nn.ModuleList()
        for layer in network.hidden:
            self.staircase.append(_staircase(network, layer))
            levels, lowest = layer.neuron.levels, layer.neuron.lowest
            activation = level_activation(levels, float(levels), lowest=lowest, trainable=False)
            self.activation.append(QuantIdentity(act_quant=activation))
        factor, bias = _readout(network)
        self.factor = float(factor)
        self.register_buffer("bias", torch.from_numpy(bias.astype(np.float64)))
        self.staircase.double()
        self.activation.double()
        self.eval()

    def forward(self, input_levels: Tensor) -> tuple[list[Tensor], Tensor]:
        """Input levels (images, channels) in double precision to the levels of every hidden layer and the scores."""
        levels = {INPUT: input_levels.reshape(len(input_levels), *self._map)}
        for name, charge, staircase, activation, pooling in zip(
            self._names, self.charge, self.staircase, self.activation, self._pooling, strict=False
        ):
            sent = activation(staircase(charge(levels)))
            if pooling is not None:
                sent = nn.functional.max_pool2d(sent, pooling.size, pooling.stride, pooling.padding)
            levels[name] = sent
        scores = self.factor * self.charge[-1](levels) + self.bias
        return [levels[name].flatten(1) for name in self._names], scores

    @torch.no_grad()
    def evaluate(self, input_levels: np.ndarray) -> AnnResult:
        """Evaluate input levels, (images, channels) of any integer type."""
        hidden, scores = self(torch.from_numpy(input_levels).double())
        levels = {name: _integers(values) for name, values in zip(self._names, hidden, strict=True)}
        return AnnResult(levels, _integers(scores), scores.argmax(dim=1).numpy())


def trained_weights(trained: TrainedNetwork, network: Network) -> list[list[IntArray]]:
    """The integers of the trained (and calibrated) network's weights, group by group, as its rounded ANN uses them.

    A negative gain turns the signs of a channel; a channel that no input changes has no weights.
    """
    hidden = []
    for layer, rounded in zip(trained.hidden, network.hidden, strict=True):
        varying = np.any([group.weights.reshape(len(layer.gain), -1).any(axis=1) for group in rounded.synapses], axis=0)
        hidden.append([_in_channels(varying, turned_weights(layer, group.weights)) for group in layer.synapses])
    return [*hidden, [trained.readout.weights]]


def _in_channels(varying: np.ndarray, weights: IntArray) -> IntArray:
    return np.where(varying.reshape(-1, *(1,) * (weights.ndim - 1)), weights, 0)


def _weighted(group: Synapses, weights: IntArray) -> QuantLinear | QuantConv2d:
    """A Brevitas module that holds integers."""
    channels, sources, *kernel = weights.shape
    quantiser = UnitWeights.let(bit_width=group.weight_bits)
    module: QuantLinear | QuantConv2d
    if group.is_convolution:
        module = QuantConv2d(
            sources * group.groups,
            channels,
            (kernel[0], kernel[1]),
            stride=group.stride,
            padding=group.padding,
            groups=group.groups,
            bias=False,
            weight_quant=quantiser,
        )
    else:
        module = QuantLinear(sources, channels, bias=False, weight_quant=quantiser)
    module.weight.data = torch.from_numpy(weights.astype(np.float64))
    return module


def _of_channels(values: Tensor, charge: Tensor) -> Tensor:
    """Constants (channels,) in a shape that goes with (images, channels) or maps."""
    return values.reshape(-1, *(1,) * (charge.ndim - 2))


def _staircase(network: Network, layer: Layer) -> nn.Module:
    """With p spikes a step for l levels, and P for L of the source: n = l·(P·charge + L·bias) + p·L·V0 and d = p·L·Θ.

    V0 is ⌊Θ/2⌋, whatever initial potential the neurons start with.
    """
    neuron = layer.neuron
    if neuron.mode is NeuronMode.DEFERRED:
        return _IntegerStaircase(1, neuron.offset, neuron.threshold)
    source_spikes, source_levels = network.source_spikes_for_levels(layer.synapses[0].source)
    spikes, levels = neuron.spikes_for_levels
    factor, bias, unit = levels * source_spikes, levels * source_levels * neuron.step_bias, source_levels * spikes

    def one_side(threshold: IntArray) -> _IntegerStaircase:
        return _IntegerStaircase(factor, bias + unit * (threshold // 2), unit * threshold)

    positive = one_side(neuron.threshold)
    return _LeakyStaircase(factor, bias, positive, one_side(neuron.negative_threshold)) if neuron.is_leaky else positive


def _readout(network: Network) -> tuple[int, IntArray]:
    """Factor of the sum and bias: after causal neurons the offset is the bias of a step for every time step."""
    offset = network.readout.neuron.offset
    source = network.readout.synapses[0].source
    spikes, levels = network.source_spikes_for_levels(source)
    if source == INPUT or network.layer(source).neuron.mode is not NeuronMode.CAUSAL:
        return spikes, offset
    return spikes, offset // network.layer(source).neuron.time_steps * levels


def _integers(values: Tensor) -> IntArray:
    """Exact: a value that is no integer is a fault of this module."""
    array = values.numpy()
    integers = array.astype(np.int64)
    if np.any(integers != array):
        raise AssertionError("a level or score of the rounded network is no integer")
    return integers
