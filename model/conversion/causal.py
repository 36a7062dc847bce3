"""Causal neurons, which decide at every time step: what opi, qcfs, dual-phase and pmsm beyond one step share.

V ← V + charge of the step + bias; k = clip(floor(V / Θ), −N, P); V ← V − k·Θ; k is sent. The units are such that the number
of time steps changes no constant but the readout's total bias: a spike stands for levels / largest_spike levels of the ANN,
the whole clip where one spike a step is the most (opi, qcfs, dual-phase), one level where P is the level count (pmsm).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from model.conversion.deferred import Converted, readout_layer, synapses_of
from model.conversion.fold import FoldedLayer, fold, nearest_integers, rounded, rounding
from model.conversion.resolve import Codes
from model.conversion.trained import RealArray, TrainedNetwork
from model.integer_network import Layer, Neuron, NeuronMode, WireCode
from model.integer_network.structure import INPUT, IntArray

InitialPotential = Callable[[FoldedLayer, IntArray, tuple[int, int]], IntArray]
"""V0, (channels,) or (neurons,), from the folded layer, the integer thresholds of its channels and its positions."""


def half_threshold(_folded: FoldedLayer, threshold: IntArray, _positions: tuple[int, int]) -> IntArray:
    """V0 = ⌊Θ/2⌋, the initial potential that is optimal in expectation."""
    return threshold // 2


def zero_potential(_folded: FoldedLayer, threshold: IntArray, _positions: tuple[int, int]) -> IntArray:
    """V0 = 0, the ablation."""
    return np.zeros_like(threshold)


@dataclass(frozen=True)
class CausalRule:
    """What one method's causal neurons do.

    Attributes:
        initial_potential: V0.
        multi_spikes: whether a time step may carry as many spikes as there are levels, or one.
    """

    initial_potential: InitialPotential = half_threshold
    multi_spikes: bool = False


def causal_layers(trained: TrainedNetwork, codes: Codes, rule: CausalRule) -> Converted:
    """Convert a quantised network with at least one hidden layer to causal neurons of ``codes.time_steps``."""
    assert codes.time_steps is not None
    layers: list[Layer] = []
    certificate = {}
    # A value of a source's wire stands for this many of its levels; of direct input all of them come at every step.
    levels_a_spike = {INPUT: 1}
    for layer in trained.hidden:
        folded = fold(trained, layer)
        own = 1 if rule.multi_spikes else layer.levels
        of_groups = {levels_a_spike[group.source] for group in layer.synapses}
        assert len(of_groups) == 1, "sources whose spikes stand for different numbers of levels are refused before"
        units = _Units(own, of_groups.pop())
        neuron = _neuron(folded, units, rule, codes.time_steps, layer.positions)
        layers.append(Layer(layer.name, synapses_of(layer, folded), neuron))
        certificate[layer.name] = rounding(folded, units.boundaries(folded, neuron), neuron.threshold)
        levels_a_spike[layer.name] = own
    last = trained.readout.synapses
    layers.append(readout_layer(trained, trained.source_unit(last) * levels_a_spike[last.source], steps=codes.time_steps))
    return tuple(layers), certificate


@dataclass(frozen=True)
class _Units:
    """Levels that one spike stands for: ``own`` of this layer (l), ``source`` of the one before (S).

    In these units Θ is the folded threshold times l/S, and the bias of a step the folded bias over S.
    """

    own: int
    source: int

    def threshold(self, folded: RealArray) -> RealArray:
        return folded * self.own / self.source

    def bias(self, folded: FoldedLayer, near: IntArray) -> RealArray:
        """The bias that keeps the middle boundary in place, with V0 of the ANN, ⌊Θ/2⌋."""
        middle = folded.middle
        return np.asarray((middle * near - near // 2) / self.own - folded.boundary(middle) / self.source)

    def begins(self, folded: FoldedLayer, threshold: IntArray, bias: IntArray) -> IntArray:
        """Level m of the method's own ANN from l·(A + S·bias) + S·⌊Θ/2⌋ ≥ m·S·Θ on, (channels, numbers)."""
        above = self.source * (np.array(folded.numbers) * threshold[:, None] - (threshold // 2)[:, None])
        return np.asarray(-(-above // self.own) - self.source * bias[:, None])

    def boundaries(self, folded: FoldedLayer, neuron: Neuron) -> IntArray:
        """The boundaries of a rounded layer; below zero a leaky one has a threshold of its own."""
        if not neuron.is_leaky:
            return self.begins(folded, neuron.threshold, neuron.step_bias)
        below = self.begins(_negative(folded), neuron.negative_threshold, neuron.step_bias)
        return np.concatenate([below, self.begins(folded.positive, neuron.threshold, neuron.step_bias)], axis=1)


def _negative(folded: FoldedLayer) -> FoldedLayer:
    """The same without the levels above zero."""
    return replace(folded, levels=0)


def _neuron(folded: FoldedLayer, units: _Units, rule: CausalRule, time_steps: int, positions: tuple[int, int]) -> Neuron:
    """Θ = λ / (|gain|·λ_in) for one spike a step, with λ_in = 1 for direct input; with multi-spikes that of a level."""
    leaky = folded.negative_slope > 0
    # The levels above zero decide on threshold and bias of a leaky layer, those below on its second threshold.
    part = folded.positive if leaky else folded
    threshold, bias = nearest_integers(
        part,
        units.threshold(folded.threshold),
        lambda near: units.bias(part, near),
        lambda near, bias: units.begins(part, near, bias),
    )
    # A constant channel reaches level k by a bias of k and the threshold of all levels that a spike stands for.
    threshold = np.where(folded.constant, units.own, threshold)
    bias = np.where(folded.constant, folded.constant_level, bias)
    largest = folded.levels // units.own
    return Neuron(
        mode=NeuronMode.CAUSAL,
        code=WireCode.TRAIN,
        levels=folded.levels,
        time_steps=time_steps,
        threshold=threshold,
        offset=rule.initial_potential(folded, threshold, positions),
        step_bias=bias,
        potential_bits=1,
        lowest=folded.lowest,
        largest_spike=largest,
        lowest_spike=folded.lowest // units.own,
        positions=positions,
        negative_threshold=_negative_threshold(folded, units, bias) if leaky else np.empty(0, dtype=np.int64),
    )


def _negative_threshold(folded: FoldedLayer, units: _Units, bias: IntArray) -> IntArray:
    """The integer near the real one that moves the boundaries of the levels below zero least."""
    below = _negative(folded)
    real = units.threshold(folded.negative_threshold)
    exact = below.boundaries()
    near = np.maximum(rounded(real) + np.array([0, -1, 1])[:, None], 1)
    costs = [np.abs(units.begins(below, threshold, bias) - exact).sum(axis=1) for threshold in near]
    chosen = near[np.argmin(costs, axis=0), np.arange(len(real))]
    return np.where(folded.constant, units.own, chosen)
