"""The integer network as frozen data: integers only, no behaviour beyond derived sizes."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import gcd

import numpy as np
import numpy.typing as npt

from model.integer_network.codes import InputCode, NeuronMode, WireCode, bit_planes, halving_multiples
from model.integer_network.shapes import Shape, Window

IntArray = npt.NDArray[np.int64]

INPUT = "input"
"""Name of the encoder where a synapse group names its source."""


@dataclass(frozen=True)
class Encoder:
    """Turns pixels of 0..255 into levels of ``bits`` bits and these into spikes.

    Attributes:
        shape: shape of one image, (rows, columns), (channels, rows, columns) or, where it is no map, (channels,); flattened in
            row-major order.
        bits: the level is the pixel's top ``bits`` bits, 1..8.
        code: how the level travels.
    """

    shape: tuple[int, ...]
    bits: int
    code: InputCode

    @property
    def map(self) -> Shape:
        """The image as a map; a grey one has one channel."""
        channels, rows, columns = (self.shape[0], 1, 1) if len(self.shape) == 1 else (1, *self.shape)[-3:]
        return Shape(channels, rows, columns)

    @property
    def neurons(self) -> int:
        """Number of pixels, colours counted apart."""
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
    """Weights from one source to the potentials of a layer: linear, or a convolution where they have four dimensions.

    A residual connection is a second group; its identity is a convolution of one weight a channel, the integer gain.

    Attributes:
        source: ``"input"`` or the name of an earlier layer.
        weights: int64; linear (neurons, pooled inputs), convolution (channels, input channels / groups, rows, columns).
        weight_bits: width of the signed narrow-range weights, 2..8; of an identity up to 16.
        pooling: average pooling in front, (rows, columns) of windows side by side: what they hold is added.
        stride: of a convolution, (rows, columns).
        padding: of a convolution, (rows, columns) of level 0 on either side.
        groups: of a convolution; as many as channels make it depthwise.
    """

    source: str
    weights: IntArray
    weight_bits: int
    pooling: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    groups: int = 1

    @property
    def is_convolution(self) -> bool:
        """True for a convolution, an identity included."""
        return self.weights.ndim == 4

    @property
    def is_identity(self) -> bool:
        """True for a gain a channel: a depthwise convolution with a window of one position."""
        return self.is_convolution and self.groups == self.weights.shape[0] and self.weights.shape[1:] == (1, 1, 1)

    @property
    def window(self) -> Window:
        """The sliding window of a convolution."""
        rows, columns = self.weights.shape[2:]
        return Window((rows, columns), self.stride, self.padding)

    def pooled(self, source: Shape) -> Shape:
        """The source's map after average pooling; rows and columns that fill no window are dropped."""
        return Shape(source.channels, source.rows // self.pooling[0], source.columns // self.pooling[1])

    def output(self, source: Shape) -> Shape:
        """The map of potentials that a source's map charges."""
        if not self.is_convolution:
            return Shape(int(self.weights.shape[0]))
        pooled = self.pooled(source)
        return Shape(int(self.weights.shape[0]), *self.window.positions(pooled.rows, pooled.columns))

    @property
    def largest_weight(self) -> int:
        """The largest magnitude of the narrow range."""
        return (1 << (self.weight_bits - 1)) - 1


def _no_integers() -> IntArray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Neuron:
    """One population of neurons; semantics in docs/ir.md.

    Attributes:
        mode: deferred, causal or readout.
        code: the wire code of the output.
        levels: kmax: deferred, the largest output level; causal, that of the ANN that it was converted from; 0 for a readout.
        time_steps: time steps of the output; 0 for a readout.
        threshold: (channels,), positive; empty for a readout.
        offset: deferred and readout, (channels,), V0 plus bias, added once; causal, V0, (channels,) or, of each neuron its own,
            (neurons,).
        step_bias: (channels,): causal, the bias of every time step; else empty.
        potential_bits: proved width of the signed membrane potential.
        lowest: kmin, at most 0: deferred, the lowest output level; causal, that of the ANN.
        largest_spike: causal, the most that a neuron sends in one time step; 1 for every other mode.
        lowest_spike: causal, the least, at most 0; 0 for every other mode.
        negative_threshold: (channels,), positive: leaky causal neurons, which spike negatively where V < −Θ⁻; else empty.
        positions: rows and columns of the map of neurons; every channel has one neuron at each position.
    """

    mode: NeuronMode
    code: WireCode
    levels: int
    time_steps: int
    threshold: IntArray
    offset: IntArray
    step_bias: IntArray
    potential_bits: int
    lowest: int = 0
    largest_spike: int = 1
    lowest_spike: int = 0
    negative_threshold: IntArray = field(default_factory=_no_integers)
    positions: tuple[int, int] = (1, 1)

    @property
    def channels(self) -> int:
        """Number of channels."""
        held = self.offset if self.mode is NeuronMode.READOUT else self.threshold
        return int(held.shape[0])

    @property
    def map(self) -> Shape:
        """The map of neurons."""
        return Shape(self.channels, *self.positions)

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return self.map.size

    def spread(self, constants: IntArray) -> IntArray:
        """Constants of channels (channels,) as one of every neuron (neurons,); what is (neurons,) already stays as it is."""
        high, wide = self.positions
        return constants if constants.size == self.neurons else np.repeat(constants, high * wide)

    @property
    def is_leaky(self) -> bool:
        """True where negative spikes have a threshold of their own."""
        return self.negative_threshold.size > 0

    @property
    def decision_range(self) -> tuple[int, int]:
        """Lowest and largest k of one decision: the level of a deferred neuron, the spike of a causal one's time step."""
        if self.mode is NeuronMode.CAUSAL:
            return self.lowest_spike, self.largest_spike
        return self.lowest, self.levels

    @property
    def wire_range(self) -> tuple[int, int]:
        """Lowest and largest value that one time step carries; (0, 0) for a readout."""
        if self.mode is NeuronMode.READOUT:
            return 0, 0
        low, high = self.decision_range
        return (low, high) if self.code in (WireCode.COUNT, WireCode.TRAIN) else (-int(low < 0), 1)

    @property
    def spikes_for_levels(self) -> tuple[int, int]:
        """(p, l) in lowest terms: p spikes in a time step stand for l levels of the ANN; (1, 1) where levels are sent."""
        if self.mode is not NeuronMode.CAUSAL:
            return 1, 1
        common = gcd(self.largest_spike, self.levels)
        return self.largest_spike // common, self.levels // common

    @property
    def is_signed(self) -> bool:
        """True where negative spikes are sent."""
        return self.wire_range[0] < 0

    @property
    def frame_range(self) -> tuple[int, int]:
        """Lowest and largest level, or sum of spikes, that it sends in one frame."""
        if self.mode is NeuronMode.CAUSAL:
            return self.time_steps * self.lowest_spike, self.time_steps * self.largest_spike
        return self.lowest, self.levels

    @property
    def fires_by_division(self) -> bool:
        """True where a decision is a division with halving multiples; unsigned packed trains and bit planes are not.

        Neurons of a map always divide: one scan over the potentials then finds the levels, which a memory keeps and sends.
        """
        if self.mode is NeuronMode.READOUT or self.is_leaky:
            return False
        return self.code in (WireCode.COUNT, WireCode.TRAIN) or self.lowest < 0 or self.positions != (1, 1)

    @property
    def fire_multiples(self) -> tuple[int, ...]:
        """The multiples of Θ that the fire passes of one decision compare with, in their order; () for a readout."""
        if self.mode is NeuronMode.READOUT:
            return ()
        if self.is_leaky:
            return (1,)
        if self.fires_by_division:
            low, high = self.decision_range
            return halving_multiples(high - low)
        if self.code is WireCode.UNARY:
            return (1,) * self.levels
        return tuple(1 << plane for plane in reversed(range(bit_planes(self.levels))))


@dataclass(frozen=True, eq=False)
class Layer:
    """One neuron population and the synapses that feed it.

    Attributes:
        name: distinct from every other.
        synapses: one group a source; their charges are added.
        neuron: the population.
        max_pooling: None, or the windows of potentials of which a neuron each decides on the largest. Threshold and offset are
            the channel's, so that the level of the largest potential is the largest level.
    """

    name: str
    synapses: tuple[Synapses, ...]
    neuron: Neuron
    max_pooling: Window | None = None


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
        return sum(layer.neuron.neurons for layer in self.layers)

    @property
    def synapse_count(self) -> int:
        """Weights of all layers, zero weights included."""
        return sum(group.weights.size for layer in self.layers for group in layer.synapses)

    def layer(self, name: str) -> Layer:
        """The layer of that name."""
        return next(layer for layer in self.layers if layer.name == name)

    def readers(self, source: str) -> list[tuple[Layer, Synapses]]:
        """Every group of synapses that reads a source, with its layer."""
        return [(layer, group) for layer in self.layers for group in layer.synapses if group.source == source]

    def source_map(self, source: str) -> Shape:
        """The map of what a source sends."""
        return self.encoder.map if source == INPUT else self.layer(source).neuron.map

    def potential_map(self, layer: Layer) -> Shape:
        """The map of a layer's potentials, before max pooling."""
        group = layer.synapses[0]
        return group.output(self.source_map(group.source))

    def planes(self, layer: Layer) -> int:
        """Bit planes that a layer's potentials take in: those of the source that has most, 0 where none sends bits."""
        bits = [group.source for group in layer.synapses if self.source_is_bits(group.source)]
        return max((self.source_steps(source) for source in bits), default=0)

    def has_direct_charge(self, layer: Layer) -> bool:
        """True where a layer adds a constant charge at every time step."""
        return any(self.source_is_direct(group.source) for group in layer.synapses)

    def source_range(self, source: str) -> tuple[int, int]:
        """Lowest and largest level, or sum of spikes, that a channel of a source sends in one frame."""
        return (0, self.encoder.levels) if source == INPUT else self.layer(source).neuron.frame_range

    def source_wire_range(self, source: str) -> tuple[int, int]:
        """Lowest and largest value that one time step of a source carries."""
        return (0, 1) if source == INPUT else self.layer(source).neuron.wire_range

    def source_spikes_for_levels(self, source: str) -> tuple[int, int]:
        """(p, l) of a source: p spikes in a time step stand for l levels of the ANN; (1, 1) for the encoder."""
        return (1, 1) if source == INPUT else self.layer(source).neuron.spikes_for_levels

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
