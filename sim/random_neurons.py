"""Random neurons of every kind, with thresholds in reach of the charge that they will see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from model.integer_network import Neuron, NeuronMode, WireCode, wire_steps
from model.integer_network.structure import IntArray

Charge = npt.NDArray[np.float64]


class Start(StrEnum):
    """Where the membrane potentials of a causal layer start a frame."""

    HALF = "half"
    ZERO = "zero"
    ANY = "any"


@dataclass(frozen=True)
class NeuronShape:
    """What the neurons of one hidden layer are, before any number of theirs is drawn.

    Attributes:
        code: wire code; train is causal, every other deferred.
        levels: the largest level.
        lowest: the lowest, at most 0.
        time_steps: of a causal layer.
        spikes: lowest and largest spike of a time step of a causal layer.
        leaky: negative spikes of a causal layer have a threshold of their own.
        start: of a causal layer.
    """

    code: WireCode
    levels: int
    lowest: int = 0
    time_steps: int = 0
    spikes: tuple[int, int] = (0, 1)
    leaky: bool = False
    start: Start = Start.HALF

    @property
    def causal(self) -> bool:
        """True where the neurons decide in every time step."""
        return self.code is WireCode.TRAIN

    @property
    def steps_of_charge(self) -> int:
        """Time steps over which the charge of a frame arrives in a layer behind this one."""
        return self.time_steps if self.causal else 1


def draw_neuron(generator: np.random.Generator, charge: Charge, shape: NeuronShape) -> Neuron:
    """Neurons of a shape.

    Args:
        generator: source of all randomness.
        charge: (frames, neurons), of a frame for a deferred layer, of one time step on average for a causal one.
        shape: what they are.
    """
    return _draw_causal(generator, charge, shape) if shape.causal else _draw_deferred(generator, charge, shape)


def rough_activity(neuron: Neuron, charge: Charge) -> IntArray:
    """About what these neurons send in a frame, (frames, neurons); ``charge`` as for ``draw_neuron``."""
    total = charge
    if neuron.mode is NeuronMode.CAUSAL:
        total = neuron.time_steps * (charge + neuron.step_bias)
    total = total + neuron.offset
    sent = total // neuron.threshold
    if neuron.is_leaky:
        sent = np.where(total < 0, -(-total // neuron.negative_threshold), sent)
    return np.clip(sent, *neuron.frame_range).astype(np.int64)


def no_integers() -> IntArray:
    """What a neuron has for a field that its mode does not have."""
    return np.zeros(0, dtype=np.int64)


def draw_readout(generator: np.random.Generator, classes: int, steps: int) -> Neuron:
    """A readout behind a source of so many time steps of charge; its width is still to be proved."""
    offset = generator.integers(-20, 21, size=classes) * steps
    return Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, no_integers(), offset.astype(np.int64), no_integers(), 32)


def _draw_deferred(generator: np.random.Generator, charge: Charge, shape: NeuronShape) -> Neuron:
    threshold = _draw_threshold(generator, charge / max(shape.levels, -shape.lowest))
    low = -0.5 if shape.lowest == 0 else -1.5
    bias = (generator.uniform(low, 1.5, size=threshold.shape) * threshold).astype(np.int64)
    return Neuron(
        mode=NeuronMode.DEFERRED,
        code=shape.code,
        levels=shape.levels,
        lowest=shape.lowest,
        time_steps=wire_steps(shape.code, shape.lowest, shape.levels),
        threshold=threshold,
        offset=threshold // 2 + bias,
        step_bias=no_integers(),
        potential_bits=32,
    )


def _draw_causal(generator: np.random.Generator, charge: Charge, shape: NeuronShape) -> Neuron:
    largest = max(shape.spikes[1], -shape.spikes[0])
    threshold = _draw_threshold(generator, charge / largest)
    bias = (generator.uniform(-0.1, 0.3, size=threshold.shape) * threshold).astype(np.int64)
    negative = no_integers()
    if shape.leaky:
        # From a threshold that fires as often as the positive one to one that hardly ever does.
        negative = np.maximum((threshold * generator.uniform(0.5, 6.0, size=threshold.shape)).astype(np.int64), 1)
    return Neuron(
        mode=NeuronMode.CAUSAL,
        code=WireCode.TRAIN,
        levels=shape.levels,
        lowest=shape.lowest,
        time_steps=shape.time_steps,
        threshold=threshold,
        offset=draw_start(generator, threshold, shape.start),
        step_bias=bias,
        potential_bits=32,
        largest_spike=shape.spikes[1],
        lowest_spike=shape.spikes[0],
        negative_threshold=negative,
    )


def draw_start(generator: np.random.Generator, threshold: IntArray, start: Start) -> IntArray:
    """Half a threshold, zero, or for each neuron anything from below zero to above the threshold."""
    if start is Start.HALF:
        return threshold // 2
    if start is Start.ZERO:
        return np.zeros_like(threshold)
    return (generator.uniform(-1.5, 2.5, size=threshold.shape) * threshold).astype(np.int64)


def _draw_threshold(generator: np.random.Generator, charge: Charge) -> IntArray:
    """Around the larger charges of each neuron, so that some frames make it fire and some do not."""
    large = np.quantile(np.abs(charge), 0.8, axis=0)
    return np.maximum((large * generator.uniform(0.3, 1.2, size=large.shape)).astype(np.int64), 1)
