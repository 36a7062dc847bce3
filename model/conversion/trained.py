"""The trained network as plain numbers: integer weights, and what turns their sums into real pre-activations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from model.integer_network import Shape, Synapses, Window
from model.integer_network.gains import GAIN_BITS
from model.integer_network.structure import INPUT, IntArray

if TYPE_CHECKING:
    from torch import Tensor

    from model.training.layers import ConvolutionLayer, HiddenLayer
    from model.training.network import QuantisedNetwork

RealArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrainedSynapses:
    """One group of weights, all in the unit of the layer's first group.

    Attributes:
        source: ``"input"`` or the name of an earlier layer.
        weights: integers in the shape that the integer network has them.
        weight_bits: their width.
        pooling: average pooling in front, (rows, columns).
        stride: of a convolution.
        padding: of a convolution.
        groups: of a convolution.
        exact: of a residual, what its integers were rounded from, in their shape; None for all others.
    """

    source: str
    weights: IntArray
    weight_bits: int
    pooling: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    groups: int = 1
    exact: RealArray | None = None

    @property
    def window_size(self) -> int:
        """Levels that average pooling adds."""
        return self.pooling[0] * self.pooling[1]

    def in_network(self, weights: IntArray) -> Synapses:
        """The group of the integer network, with the weights as folding leaves them."""
        return Synapses(
            self.source, weights, self.weight_bits, self.pooling, stride=self.stride, padding=self.padding, groups=self.groups
        )


@dataclass(frozen=True, eq=False)
class TrainedLayer:
    """A hidden layer: z = gain · (unit of the source) · Σ weights·level + bias, then a staircase of ``levels`` levels.

    The sum is over all groups; the source is that of the first one, and average pooling divides its unit by the window.
    Level of z: clip(floor(z / distance + 1/2), lowest, levels), where ``distance`` is ``threshold_unit`` or else ``unit``;
    with a negative slope, z below zero is multiplied by it first. One level stands for the activation ``unit``.

    Attributes:
        name: distinct from every other.
        synapses: one group a source.
        gain: (channels,), weight scale times batch-norm gain; negative or zero where batch norm's is.
        bias: (channels,), batch norm's shift or the layer's bias.
        unit: λ / L, the activation that one level stands for; λ itself where there are no levels yet.
        levels: L; 0 where the activation is not quantised (clip and relu before ``with_levels`` or calibration).
        lowest: the lowest level, at most 0.
        negative_slope: of a leaky activation, else 0.
        threshold_unit: (channels,), distance of two levels in z, where it is not ``unit``.
        initial_potential: (channels,) or (neurons,), V0 of causal neurons in thresholds; None is 1/2.
        positions: rows and columns of the map of neurons.
        max_pooling: None, or the windows of which the largest z counts.
    """

    name: str
    synapses: tuple[TrainedSynapses, ...]
    gain: RealArray
    bias: RealArray
    unit: float
    levels: int
    lowest: int = 0
    negative_slope: float = 0.0
    threshold_unit: RealArray | None = None
    initial_potential: RealArray | None = None
    positions: tuple[int, int] = (1, 1)
    max_pooling: Window | None = None

    @property
    def weights(self) -> IntArray:
        """Of the first group."""
        return self.synapses[0].weights

    @property
    def weight_bits(self) -> int:
        """Of the first group."""
        return self.synapses[0].weight_bits

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

    synapses: TrainedSynapses
    scale: float
    bias: RealArray

    @property
    def weights(self) -> IntArray:
        """(classes, inputs)."""
        return self.synapses.weights


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """All layers; ``input_levels`` is the largest input level, which stands for the activation 1."""

    input_levels: int
    hidden: tuple[TrainedLayer, ...]
    readout: TrainedReadout

    def source_unit(self, synapses: TrainedSynapses) -> float:
        """The activation that one level of a group's source stands for, behind its average pooling."""
        return self._unit(synapses.source) / synapses.window_size

    def source_range(self, synapses: TrainedSynapses) -> tuple[int, int]:
        """Lowest and largest value that a group reads at one position: of average pooling the sum of the window."""
        if synapses.source == INPUT:
            low, high = 0, self.input_levels
        else:
            layer = self.layer(synapses.source)
            low, high = layer.lowest, layer.levels
        return low * synapses.window_size, high * synapses.window_size

    def source_levels(self, source: str) -> int:
        """The largest level of a source."""
        return self.input_levels if source == INPUT else self.layer(source).levels

    def source_map(self, source: str, image_shape: tuple[int, ...]) -> Shape:
        """The map of what a source sends, before average pooling."""
        if source == INPUT:
            return Shape(*(1, *image_shape)[-3:])
        layer = self.layer(source)
        return Shape(len(layer.gain), *layer.positions)

    def layer(self, name: str) -> TrainedLayer:
        """The hidden layer of that name."""
        return next(layer for layer in self.hidden if layer.name == name)

    def _unit(self, source: str) -> float:
        return 1.0 / self.input_levels if source == INPUT else self.layer(source).unit


def with_levels(trained: TrainedNetwork, levels: Sequence[int]) -> TrainedNetwork:
    """The same network read with other level counts: the clip λ stays, one level stands for λ / L.

    Residuals get the integers that go with the new units.

    Args:
        trained: a network of any activation but signed.
        levels: L of every hidden layer.
    """
    hidden = tuple(_with_levels(layer, count) for layer, count in zip(trained.hidden, levels, strict=True))
    return in_new_units(trained, replace(trained, hidden=hidden))


def in_new_units(before: TrainedNetwork, after: TrainedNetwork) -> TrainedNetwork:
    """The network ``after``, whose residuals still have the integers of ``before``, with those of its own units."""

    def changed(groups: tuple[TrainedSynapses, ...]) -> Iterable[TrainedSynapses]:
        first, *residuals = groups
        yield first
        own = after.source_unit(first) / before.source_unit(first)
        for group in residuals:
            yield _scaled(group, after.source_unit(group) / before.source_unit(group) / own)

    return replace(after, hidden=tuple(replace(layer, synapses=tuple(changed(layer.synapses))) for layer in after.hidden))


def _scaled(group: TrainedSynapses, factor: float) -> TrainedSynapses:
    assert group.exact is not None
    if factor == 1:
        return group
    largest = (1 << (group.weight_bits - 1)) - 1
    exact = group.exact * factor
    return replace(group, exact=exact, weights=np.clip(np.floor(exact + 0.5), -largest, largest).astype(np.int64))


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
    hidden = tuple(_layer(network, layer) for layer in network.layers())
    weight = network.readout.quant_weight()
    source, pooling = (hidden[-1].name, network.layers()[-1].plan.average_pooling) if hidden else (INPUT, (1, 1))
    synapses = TrainedSynapses(source, integers(weight.int()), int(weight.bit_width), pooling)
    readout = TrainedReadout(synapses, float(weight.scale.detach()), reals(network.readout.bias))
    return TrainedNetwork(network.input_levels, hidden, readout)


def _layer(network: QuantisedNetwork, layer: HiddenLayer) -> TrainedLayer:
    synapses, scale = _synapses(network, layer)
    factor, bias = folded_norm(layer)
    return TrainedLayer(
        name=layer.plan.name,
        synapses=synapses,
        gain=scale * factor,
        bias=bias,
        unit=float(layer.unit.detach()),
        levels=layer.levels,
        lowest=layer.lowest,
        negative_slope=layer.negative_slope,
        positions=(layer.plan.shape.rows, layer.plan.shape.columns),
        max_pooling=layer.plan.max_pooling,
    )


def folded_norm(layer: HiddenLayer) -> tuple[RealArray, RealArray]:
    """Factor and bias (channels,) that a layer's sums get before the activation: those of batch norm, else 1 and its bias."""
    norm = layer.norm
    if norm is None:
        bias = reals(layer.weighted.bias)
        return np.ones_like(bias), bias
    assert norm.running_var is not None
    assert norm.running_mean is not None
    factor = reals(norm.weight) / np.sqrt(reals(norm.running_var) + norm.eps)
    return factor, reals(norm.bias) - factor * reals(norm.running_mean)


def pooling_in_front(network: QuantisedNetwork, source: str) -> tuple[int, int]:
    """Average pooling between a source and its readers."""
    return next((layer.plan.average_pooling for layer in network.layers() if layer.plan.name == source), (1, 1))


def _synapses(network: QuantisedNetwork, layer: HiddenLayer) -> tuple[tuple[TrainedSynapses, ...], RealArray]:
    """The groups of a layer, and the weight scale of its channels."""
    plan = layer.plan
    pooling = pooling_in_front(network, plan.source)
    if plan.added is not None:
        return _with_residual(network, layer, pooling)  # type: ignore[arg-type]
    weight = layer.weighted.quant_weight()
    first = _first_group(layer, integers(weight.int()), int(weight.bit_width), pooling)
    return (first,), reals(weight.scale).reshape(-1)


def _first_group(layer: HiddenLayer, weights: IntArray, bits: int, pooling: tuple[int, int]) -> TrainedSynapses:
    plan = layer.plan
    return TrainedSynapses(plan.source, weights, bits, pooling, plan.stride, plan.padding, plan.groups)


def _with_residual(
    network: QuantisedNetwork, layer: ConvolutionLayer, pooling: tuple[int, int]
) -> tuple[tuple[TrainedSynapses, ...], RealArray]:
    plan = layer.plan
    assert plan.added is not None
    joint = layer.joint_weights(network.ratio(plan))
    own = _first_group(layer, integers(joint.integers), layer.weight_bits, pooling)
    added_pooling = pooling_in_front(network, plan.added)
    exact = reals(joint.exact_added)
    if plan.shortcut == "identity":
        added = TrainedSynapses(
            plan.added, integers(joint.added_integers), GAIN_BITS, added_pooling, groups=plan.channels, exact=exact
        )
    else:
        added = TrainedSynapses(
            plan.added,
            integers(joint.added_integers),
            layer.weight_bits,
            added_pooling,
            stride=plan.shortcut_stride,
            exact=exact,
        )
    return (own, added), reals(joint.scale)


def integers(values: Tensor) -> IntArray:
    """A tensor of whole numbers, wherever it is, as int64."""
    return values.detach().cpu().numpy().astype(np.int64)


def reals(values: Tensor) -> RealArray:
    """A tensor, wherever it is, in double precision."""
    return values.detach().cpu().double().numpy()
