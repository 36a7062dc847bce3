"""The ``ann`` of the chain: the folded and rounded network in Brevitas modules, evaluated by torch in double precision.

Why that is exact. Weights and levels are integers, so every product and partial sum of a layer is an integer below 2**53 and the
matrix product is exact in any order. The staircase is floor(q + 1/2) of q = (2n − d) / (2d) with integers |n| < 2**46 and
0 < d < 2**44, numerator and denominator exact, so q carries the one rounding of the division. Level m begins at n = m·d, where q
is m − 1/2, which is representable; below that q is smaller by at least 1/d > 2**-44, and near |m| ≤ 64 neither the division nor
the addition of 1/2 errs by more than 2**-46. So no value crosses a level boundary. A value far from every boundary is rounded
more coarsely, but lies outside the clip whatever its last bits are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from brevitas.nn import QuantIdentity, QuantLinear
from torch import Tensor, nn

from model.conversion.trained import TrainedNetwork
from model.integer_network import Layer, Network, NeuronMode
from model.integer_network.structure import INPUT, IntArray
from model.training.quantisers import UnitWeights, level_activation


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
        """(n − d/2) / d with n = factor·charge + offset, d the divisor."""
        return (2 * (self.factor * charge + self.offset) - self.divisor) / (2 * self.divisor)


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
        below = self.factor * charge + self.bias < 0
        return torch.where(below, self.negative(charge), self.positive(charge))


class RoundedNetwork(nn.Module):
    """An integer network as the ANN that it stands for.

    Args:
        network: a verified integer network of any method.
        weights: integer weights of every layer, (channels, source channels), from another source than the network, so
            that a weight that changed on the way shows; the network's own where absent.
    """

    def __init__(self, network: Network, weights: Sequence[IntArray] | None = None) -> None:
        super().__init__()
        if weights is None:
            weights = [layer.synapses[0].weights for layer in network.layers]
        self._names = [layer.name for layer in network.hidden]
        bits = [layer.synapses[0].weight_bits for layer in network.layers]
        self.linear = nn.ModuleList(_linear(*values) for values in zip(weights, bits, strict=True))
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
        self.double()
        self.eval()

    def forward(self, levels: Tensor) -> tuple[list[Tensor], Tensor]:
        """Input levels (images, channels) in double precision to the levels of every hidden layer and the scores."""
        hidden = []
        for linear, staircase, activation in zip(self.linear, self.staircase, self.activation, strict=False):
            levels = activation(staircase(linear(levels)))
            hidden.append(levels)
        return hidden, self.factor * self.linear[-1](levels) + self.bias

    @torch.no_grad()
    def evaluate(self, input_levels: np.ndarray) -> AnnResult:
        """Evaluate input levels, (images, channels) of any integer type."""
        hidden, scores = self(torch.from_numpy(input_levels).double())
        levels = {name: _integers(values) for name, values in zip(self._names, hidden, strict=True)}
        return AnnResult(levels, _integers(scores), scores.argmax(dim=1).numpy())


def trained_weights(trained: TrainedNetwork, network: Network) -> list[IntArray]:
    """The integers of the trained (and calibrated) network's weights, as its rounded ANN uses them.

    A negative gain turns the signs of a channel; a channel that no input changes has no weights.
    """
    hidden = []
    for layer, rounded in zip(trained.hidden, network.hidden, strict=True):
        turned = np.where(layer.gain[:, None] < 0, -layer.weights, layer.weights)
        varying = rounded.synapses[0].weights.any(axis=1, keepdims=True)
        hidden.append(np.where(varying, turned, 0))
    return [*hidden, trained.readout.weights]


def _linear(weights: IntArray, weight_bits: int) -> QuantLinear:
    channels, sources = weights.shape
    linear = QuantLinear(sources, channels, bias=False, weight_quant=UnitWeights.let(bit_width=weight_bits))
    linear.weight.data = torch.from_numpy(weights.astype(np.float64))
    return linear


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
