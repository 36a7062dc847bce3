"""Folding of batch norm, bias and scales into one real threshold and one real bias per channel, in accumulator units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np

from model.conversion.trained import RealArray, TrainedLayer, TrainedNetwork
from model.integer_network.structure import IntArray

# Far outside the 32 bits that the verifier admits and far inside what an integer of 64 bits holds.
_LARGEST = float(1 << 40)
_DECIMALS = 6
_THRESHOLD_STEPS = (0, -1, 1)
_BIAS_STEPS = (0, -1, 1)
_TIE = 1e-3


@dataclass(frozen=True, eq=False)
class FoldedLayer:
    """k = clip(floor((Σ weights·level + bias) / threshold + 1/2), lowest, levels), still with real constants.

    With a negative slope a sum below zero is divided by threshold / slope instead.

    Attributes:
        weights: of every group; the sign of a negative gain is in them, constant channels have zeros.
        threshold: (channels,), positive; 1 in constant channels.
        bias: (channels,); 0 in constant channels.
        constant: (channels,), True where no input changes the level.
        constant_level: (channels,), that level; 0 elsewhere.
        levels: L.
        lowest: the lowest level, at most 0.
        negative_slope: of a leaky activation, else 0.
        initial_potential: (channels,) or (neurons,), V0 of causal neurons in thresholds.
    """

    weights: tuple[IntArray, ...]
    threshold: RealArray
    bias: RealArray
    constant: np.ndarray
    constant_level: IntArray
    levels: int
    lowest: int
    negative_slope: float
    initial_potential: RealArray

    @property
    def numbers(self) -> range:
        """The levels that begin somewhere: all but the lowest."""
        return range(self.lowest + 1, self.levels + 1)

    @property
    def negative_threshold(self) -> RealArray:
        """What sums below zero are divided by, (channels,)."""
        return self.threshold / self.negative_slope if self.negative_slope else self.threshold

    @property
    def positive(self) -> FoldedLayer:
        """The same without the levels below zero."""
        return replace(self, lowest=0)

    def boundary(self, level: float) -> RealArray:
        """The accumulator value from which a channel has at least a level, (channels,)."""
        return (level - 0.5) * (self.threshold if level > 0 else self.negative_threshold) - self.bias

    def boundaries(self) -> IntArray:
        """The integer accumulator values from which a channel has each of ``numbers``, (channels, numbers)."""
        real = np.stack([self.boundary(level) for level in self.numbers], axis=1)
        # A boundary that is an integer but for the rounding errors of folding is that integer.
        return np.ceil(np.round(np.clip(real, -_LARGEST, _LARGEST), _DECIMALS)).astype(np.int64)

    @property
    def middle(self) -> float:
        """The middle of ``numbers``; where its boundary stays in place, the outer ones move least."""
        return (self.lowest + 1 + self.levels) / 2


@dataclass(frozen=True)
class Rounding:
    """What rounding threshold and bias to integers changed in one layer (algorithms of the docs page: the certificate).

    Attributes:
        channels: all of the layer's channels.
        constant_channels: of these, channels that no input changes; they are exact.
        shifted_channels: channels with at least one level boundary that lies on another integer than before.
        largest_shift: the largest distance in accumulator units.
        smallest_threshold: the smallest rounded threshold, in the method's units.
    """

    channels: int
    constant_channels: int
    shifted_channels: int
    largest_shift: int
    smallest_threshold: int

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON, with the share of shifted channels."""
        return {**asdict(self), "share_of_shifted_channels": self.shifted_channels / self.channels}


def fold(trained: TrainedNetwork, layer: TrainedLayer) -> FoldedLayer:
    """Fold one hidden layer.

    With u the activation that one level of the first group's source stands for: Θ = λ / (L·|gain|·u), bias = b / (|gain|·u). A
    negative gain flips the signs of the channel's weights in every group, which the narrow range holds. Where no input can
    change the level – a gain of zero is the extreme case – the channel becomes constant.

    Args:
        trained: the network, for the sources.
        layer: one of its hidden layers, quantised.
    """
    turned = [turned_weights(layer, group.weights) for group in layer.synapses]
    source_unit = trained.source_unit(layer.synapses[0])
    low, high = _charges_reached(trained, layer, turned)
    scale = np.abs(layer.gain) * source_unit
    lowest, highest = (_level(layer, scale * charge + layer.bias) for charge in (low, high))
    constant = lowest == highest
    unit = np.where(constant, 1.0, scale)
    half = np.full(len(layer.gain), 0.5)
    return FoldedLayer(
        weights=tuple(np.where(_of_channels(constant, weights), 0, weights) for weights in turned),
        threshold=np.where(constant, 1.0, layer.distance / unit),
        bias=np.where(constant, 0.0, layer.bias / unit),
        constant=constant,
        constant_level=np.where(constant, lowest, 0),
        levels=layer.levels,
        lowest=layer.lowest,
        negative_slope=layer.negative_slope,
        initial_potential=half if layer.initial_potential is None else layer.initial_potential,
    )


def turned_weights(layer: TrainedLayer, weights: IntArray) -> IntArray:
    """The weights of one of the layer's groups with the sign of the gain in them."""
    return np.where(_of_channels(layer.gain < 0, weights), -weights, weights)


def _of_channels(values: np.ndarray, weights: IntArray) -> np.ndarray:
    """Values (channels,) in a shape that goes with weights (channels, …)."""
    return values.reshape(-1, *(1,) * (weights.ndim - 1))


def _charges_reached(trained: TrainedNetwork, layer: TrainedLayer, weights: list[IntArray]) -> tuple[IntArray, IntArray]:
    """Lowest and highest sum of every channel over all inputs, where the whole window lies inside the map."""
    lows, highs = [], []
    for group, own in zip(layer.synapses, weights, strict=True):
        low, high = trained.source_range(group)
        others = tuple(range(1, own.ndim))
        lows.append(np.minimum(own * low, own * high).sum(axis=others))
        highs.append(np.maximum(own * low, own * high).sum(axis=others))
    return np.sum(lows, axis=0), np.sum(highs, axis=0)


def _level(layer: TrainedLayer, values: RealArray) -> IntArray:
    """The staircase of pre-activations, (channels,)."""
    sloped = np.where(values < 0, values * (layer.negative_slope or 1.0), values)
    return np.clip(np.floor(sloped / layer.distance + 0.5), layer.lowest, layer.levels).astype(np.int64)


def rounded(values: RealArray) -> IntArray:
    """Nearest integers, halves up; what no network can hold stays far outside, so that the verifier refuses it."""
    return np.floor(np.clip(values, -_LARGEST, _LARGEST) + 0.5).astype(np.int64)


def nearest_integers(
    folded: FoldedLayer,
    threshold: RealArray,
    bias_of: Callable[[IntArray], RealArray],
    boundaries_of: Callable[[IntArray, IntArray], IntArray],
) -> tuple[IntArray, IntArray]:
    """Round threshold and bias of every channel together: the pair near the real ones whose boundaries move least.

    Args:
        folded: the layer with real constants.
        threshold: (channels,), the real threshold in the method's units.
        bias_of: the real bias, in the method's units, that goes with an integer threshold.
        boundaries_of: the boundaries (channels, numbers of ``folded``) of integer thresholds and biases.

    Returns:
        Integer thresholds, at least 1, and biases, (channels,).
    """
    exact = folded.boundaries()
    pairs, costs = [], []
    for step in _THRESHOLD_STEPS:
        near = np.maximum(rounded(threshold) + step, 1)
        for bias_step in _BIAS_STEPS:
            bias = rounded(bias_of(near)) + bias_step
            pairs.append((near, bias))
            # The second term decides between pairs that move the boundaries by the same sum.
            costs.append(
                np.abs(boundaries_of(near, bias) - exact).sum(axis=1) + _TIE * (np.abs(near - threshold) + abs(bias_step))
            )
    best = np.argmin(costs, axis=0)
    channel = np.arange(len(best))
    return np.stack([near for near, _ in pairs])[best, channel], np.stack([bias for _, bias in pairs])[best, channel]


def rounding(folded: FoldedLayer, boundaries: IntArray, threshold: IntArray) -> Rounding:
    """Compare the boundaries of the rounded layer, (channels, numbers of ``folded``), with those of the real one."""
    varying = ~folded.constant
    shift = np.abs(boundaries - folded.boundaries())[varying]
    return Rounding(
        channels=len(folded.threshold),
        constant_channels=int(folded.constant.sum()),
        shifted_channels=int((shift > 0).any(axis=1).sum()),
        largest_shift=int(shift.max(initial=0)),
        smallest_threshold=int(threshold.min()),
    )
