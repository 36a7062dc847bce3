"""The golden simulation without spike trains: the same levels, scores and counts from one matrix product a layer.

A deferred layer decides on the charge of the whole frame, so the levels of its source are all it needs, and what a level
costs on the wire follows from the code. Causal layers do run through their time steps. ``simulate`` stays the definition: it
executes docs/ir.md spike by spike, and the tests hold both against each other, value by value and count by count.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from model.golden.causal_loop import divide, run_causal
from model.golden.charge import Values
from model.golden.counts import NetworkCounts, network_counts
from model.golden.encoding import input_levels
from model.golden.firing import emitted
from model.golden.pooling import largest_of_windows
from model.golden.products import ExactProduct
from model.golden.sent import Outgoing, Sent
from model.golden.sums import sent_by_deferred, sent_by_encoder
from model.integer_network import Layer, Network, Neuron, NeuronMode, Synapses
from model.integer_network.structure import INPUT
from model.integer_network.widths import summed_bits

Levels = npt.NDArray[np.int16]
Train = npt.NDArray[np.int8]

_VALUES_AT_ONCE = 3 << 18
"""Values of a layer and chunk of frames, so that operands and charges stay in the cache of a core."""

_FEWEST_FRAMES = 16
"""Fewer frames than this are not worth a chunk, however many values they have."""


@dataclass(frozen=True, eq=False)
class LevelResult:
    """What a simulation gave.

    Attributes:
        levels: of every hidden layer the levels, of causal ones the sums of their spikes, (frames, neurons) int16.
        scores: readout potentials, (frames, classes) int32.
        counts: every operation, equal to ``count_operations`` of the full simulation.
    """

    levels: dict[str, Levels]
    scores: npt.NDArray[np.int32]
    counts: NetworkCounts

    @property
    def classes(self) -> npt.NDArray[np.int64]:
        """Class of every frame; ties go to the lowest index."""
        return np.asarray(self.scores.argmax(axis=1))


def simulate_levels(network: Network, pixels: npt.NDArray[np.uint8]) -> LevelResult:
    """Simulate a verified network on images, on as many threads as matrix products may use.

    Args:
        network: the integer network.
        pixels: (frames, …) of 0..255.
    """
    frames = len(pixels)
    plan = [_Population(network, layer) for layer in network.layers]
    levels = {layer.name: np.empty((frames, layer.neuron.neurons), dtype=np.int16) for layer in network.hidden}
    scores = np.empty((frames, network.readout.neuron.neurons), dtype=np.int32)
    work = partial(_simulate_chunk, network, plan, pixels, levels, scores)
    parts = _run(work, _chunks(network, frames))
    sent = {source: sum((part[source] for part in parts[1:]), start=first) for source, first in parts[0].items()}
    return LevelResult(levels, scores, network_counts(network, frames, sent))


def _chunks(network: Network, frames: int) -> list[slice]:
    """Even chunks; trains count with all of their time steps."""
    kept = [layer.neuron.neurons * _kept_steps(network, layer) for layer in network.hidden]
    charged = [network.potential_map(layer).size for layer in network.layers]
    most = max(_FEWEST_FRAMES, _VALUES_AT_ONCE // max(network.encoder.neurons, *kept, *charged))
    pieces = max(1, -(-frames // most))
    bounds = [frames * piece // pieces for piece in range(pieces + 1)]
    return [slice(first, last) for first, last in pairwise(bounds)]


def _kept_steps(network: Network, layer: Layer) -> int:
    return layer.neuron.time_steps if _feeds_causal(network, layer.name) else 1


def _feeds_causal(network: Network, source: str) -> bool:
    """True where a reader decides in every time step; all others need sums alone."""
    return any(reader.neuron.mode is NeuronMode.CAUSAL for reader, _ in network.readers(source))


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def _run(work: partial[dict[str, Sent]], chunks: list[slice]) -> list[dict[str, Sent]]:
    """All chunks; several of them on one thread each, with products that start none of their own."""
    blas = _libraries().select(user_api="blas").info()
    threads = min(len(chunks), max((library["num_threads"] for library in blas), default=1))
    if threads < 2:
        return [work(chunk) for chunk in chunks]
    with _libraries().limit(limits=1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, chunks))


@dataclass(frozen=True, eq=False)
class _Frames:
    """What a source sends in the frames of a chunk: sums (frames, neurons), and the steps of those whose reader sees them."""

    values: Values
    train: Train | None = None


def _simulate_chunk(
    network: Network,
    plan: list[_Population],
    pixels: npt.NDArray[np.uint8],
    levels: dict[str, Levels],
    scores: npt.NDArray[np.int32],
    chunk: slice,
) -> dict[str, Sent]:
    encoded = input_levels(pixels[chunk], network.encoder)
    sent = {INPUT: sent_by_encoder(network.encoder, encoded, Outgoing.of(network, INPUT))}
    frames = {INPUT: _Frames(encoded)}
    for population in plan[:-1]:
        frames[population.name], sent[population.name] = population.fire(frames)
        levels[population.name][chunk] = frames[population.name].values
    scores[chunk] = plan[-1].potentials(frames)
    return sent


@dataclass(frozen=True, eq=False)
class _Link:
    """One group of synapses: the product of what its source sends in a frame or, for causal readers, in a time step."""

    source: str
    neuron: Neuron | None
    product: ExactProduct
    by_step: bool

    @classmethod
    def of(cls, network: Network, layer: Layer, group: Synapses) -> _Link:
        """Prepare a group of a layer."""
        by_step = layer.neuron.mode is NeuronMode.CAUSAL and not network.source_is_direct(group.source)
        sent = network.source_wire_range(group.source) if by_step else network.source_range(group.source)
        neuron = None if group.source == INPUT else network.layer(group.source).neuron
        product = ExactProduct(group, network.source_map(group.source), *sent, summed_bits(network, layer))
        return cls(group.source, neuron, product, by_step)

    def charges(self, frames: Mapping[str, _Frames]) -> Values:
        """Charges of the frame, (frames, potentials), or of every step, (time steps, frames, potentials)."""
        source = frames[self.source]
        if not self.by_step:
            return self.product(source.values)
        train: npt.NDArray[Any] | None = source.train
        if train is None:
            assert self.neuron is not None
            train = emitted(self.neuron, source.values.astype(np.int8))
        steps, count, neurons = train.shape
        charges = self.product(train.reshape(-1, neurons))
        return charges.reshape(steps, count, charges.shape[1])


class _Population:
    """One layer, prepared for any number of chunks."""

    def __init__(self, network: Network, layer: Layer) -> None:
        neuron = layer.neuron
        self.name = layer.name
        self._neuron = neuron
        self._map = network.potential_map(layer)
        self._pooling = layer.max_pooling
        self._outgoing = None if neuron.mode is NeuronMode.READOUT else Outgoing.of(network, layer.name)
        self._keeps_train = _feeds_causal(network, layer.name)
        self._links = [_Link.of(network, layer, group) for group in layer.synapses]
        # Constant charge last: what has time steps takes it in, not the other way round.
        self._links.sort(key=lambda link: not link.by_step)
        dtype = np.result_type(*(link.product.dtype for link in self._links))
        self._offset: Values = neuron.spread(neuron.offset).astype(dtype)
        self._threshold: Values = neuron.spread(neuron.threshold).astype(dtype)

    def potentials(self, frames: Mapping[str, _Frames]) -> Values:
        """Charge of the frame, the largest of a window of max pooling, plus offset, (frames, neurons)."""
        charges = self._charges(frames)
        if self._pooling is not None:
            charges = largest_of_windows(charges, self._map, self._pooling)
        charges += self._offset
        return charges

    def fire(self, frames: Mapping[str, _Frames]) -> tuple[_Frames, Sent]:
        """What the layer sends."""
        neuron = self._neuron
        assert self._outgoing is not None
        if neuron.mode is NeuronMode.DEFERRED:
            values = self.potentials(frames)
            divide(values, self._threshold, neuron.lowest, neuron.levels, out=values)
            return _Frames(values), sent_by_deferred(neuron, values.astype(np.int8), self._outgoing)
        ran = run_causal(neuron, self._charges(frames), self._outgoing, self._keeps_train)
        return _Frames(ran.sums, ran.train if self._keeps_train else None), ran.sent

    def _charges(self, frames: Mapping[str, _Frames]) -> Values:
        """Charges of all groups together, in time steps where one of them has some."""
        first, *others = self._links
        charges = first.charges(frames).astype(self._offset.dtype, copy=False)
        for link in others:
            charges += link.charges(frames)
        return charges
