"""The integer network as frozen data: integers only, no behaviour beyond derived sizes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

INPUT = "input"
"""Name of the encoder where a synapse group names its source."""


class InputCode(StrEnum):
    """How a pixel level travels from the encoder to the first layer."""

    BITS = "bits"
    UNARY = "unary"
    DIRECT = "direct"


class NeuronMode(StrEnum):
    """When a neuron decides to fire."""

    DEFERRED = "deferred"
    CAUSAL = "causal"
    READOUT = "readout"


class WireCode(StrEnum):
    """How a neuron's level travels: packed train, bit planes, a causal train, or not at all."""

    UNARY = "unary"
    BITS = "bits"
    TRAIN = "train"
    NONE = "none"


@dataclass(frozen=True)
class Encoder:
    """Turns pixels of 0..255 into levels of ``bits`` bits and these into spikes.

    Attributes:
        shape: shape of one image; flattened in row-major order into channels.
        bits: the level is the pixel's top ``bits`` bits, 1..8.
        code: how the level travels.
    """

    shape: tuple[int, ...]
    bits: int
    code: InputCode

    @property
    def channels(self) -> int:
        """Number of input channels."""
        return int(np.prod(self.shape))

    @property
    def levels(self) -> int:
        """The largest level, 2**bits − 1."""
        return (1 << self.bits) - 1

    @property
    def time_steps(self) -> int:
        """Time steps on the wire: bit planes for ``bits`` and ``direct``, IF steps for ``unary``."""
        return self.levels if self.code is InputCode.UNARY else self.bits


@dataclass(frozen=True, eq=False)
class Synapses:
    """Weights from one source to the neurons of a layer.

    Attributes:
        source: ``"input"`` or the name of an earlier layer.
        weights: (channels out, channels in), int64.
        weight_bits: width of the signed narrow-range weights, 2..8.
    """

    source: str
    weights: IntArray
    weight_bits: int

    @property
    def largest_weight(self) -> int:
        """The largest magnitude of the narrow range."""
        return (1 << (self.weight_bits - 1)) - 1


@dataclass(frozen=True, eq=False)
class Neuron:
    """One population of neurons; semantics in docs/ir.md.

    Attributes:
        mode: deferred, causal or readout.
        code: the wire code of the output.
        levels: deferred, the largest output level kmax (the smallest is 0); causal, the levels of the ANN
            that it was converted from; 0 for a readout.
        time_steps: time steps of the output; 0 for a readout.
        threshold: (channels,), positive; empty for a readout.
        offset: (channels,): deferred and readout, V0 plus bias, added once; causal, V0.
        step_bias: (channels,): causal, the bias of every time step; else empty.
        potential_bits: proved width of the signed membrane potential.
    """

    mode: NeuronMode
    code: WireCode
    levels: int
    time_steps: int
    threshold: IntArray
    offset: IntArray
    step_bias: IntArray
    potential_bits: int

    @property
    def channels(self) -> int:
        """Number of neurons."""
        return int(self.offset.shape[0])

    @property
    def largest_output(self) -> int:
        """The largest level, or number of spikes, that it sends in one frame."""
        return self.time_steps if self.mode is NeuronMode.CAUSAL else self.levels


@dataclass(frozen=True, eq=False)
class Layer:
    """One neuron population and the synapses that feed it."""

    name: str
    synapses: tuple[Synapses, ...]
    neuron: Neuron


@dataclass(frozen=True, eq=False)
class Network:
    """Encoder, layers in topological order; the last layer is the readout."""

    name: str
    method: str
    encoder: Encoder
    layers: tuple[Layer, ...]

    @property
    def hidden(self) -> tuple[Layer, ...]:
        """All layers that fire."""
        return self.layers[:-1]

    @property
    def readout(self) -> Layer:
        """The last layer, whose potentials are the scores."""
        return self.layers[-1]

    @property
    def neurons(self) -> int:
        """Neurons of all layers."""
        return sum(layer.neuron.channels for layer in self.layers)

    @property
    def synapse_count(self) -> int:
        """Weights of all layers, zero weights included."""
        return sum(group.weights.size for layer in self.layers for group in layer.synapses)

    def layer(self, name: str) -> Layer:
        """The layer of that name."""
        return next(layer for layer in self.layers if layer.name == name)

    def source_levels(self, source: str) -> int:
        """The largest level, or number of spikes, that a channel of a source sends in one frame."""
        return self.encoder.levels if source == INPUT else self.layer(source).neuron.largest_output

    def source_steps(self, source: str) -> int:
        """Time steps on the wire of a source."""
        return self.encoder.time_steps if source == INPUT else self.layer(source).neuron.time_steps

    def source_is_bits(self, source: str) -> bool:
        """True where a source sends bit planes, so that its consumer doubles between them."""
        if source == INPUT:
            return self.encoder.code is not InputCode.UNARY
        return self.layer(source).neuron.code is WireCode.BITS

    def source_is_direct(self, source: str) -> bool:
        """True where the source is a constant charge of every time step."""
        return source == INPUT and self.encoder.code is InputCode.DIRECT


def unary_steps(levels: int) -> int:
    """Time steps of a packed train of ``levels`` spikes."""
    return levels


def bit_planes(levels: int) -> int:
    """Bit planes that hold ``levels``."""
    return levels.bit_length()
