"""The golden simulation without spike trains: the same levels, scores and counts from one matrix product a layer.

A deferred layer decides on the charge of the whole frame, so the levels of its source are all it needs, and what a level
costs on the wire follows from the code. Causal layers do run through their time steps. ``simulate`` stays the definition: it
executes docs/ir.md spike by spike, and the tests hold both against each other, value by value and count by count.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from model.golden.causal_loop import divide, run_causal
from model.golden.counts import NOTHING_SENT, NetworkCounts, Sent, layer_counts
from model.golden.encoding import input_levels
from model.golden.firing import emitted
from model.golden.products import ExactProduct, Values
from model.golden.tallies import sent_by_deferred, sent_by_encoder
from model.integer_network import Layer, Network, NeuronMode
from model.integer_network.structure import INPUT

Levels = npt.NDArray[np.int16]
Train = npt.NDArray[np.int8]

_VALUES_AT_ONCE = 3 << 18
"""Values of a layer and chunk of frames, so that operands and charges stay in the cache of a core."""


@dataclass(frozen=True, eq=False)
class LevelResult:
    """What a simulation gave.

    Attributes:
        levels: of every hidden layer the levels, of causal ones the sums of their spikes, (frames, channels) int16.
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
    sums = _run(work, _chunks(network, frames))
    sent = [sum(parts[1:], start=parts[0]) for parts in zip(*sums, strict=True)]
    counts = {
        layer.name: layer_counts(network, layer, frames, sent[index], sent[index + 1])
        for index, layer in enumerate(network.layers)
    }
    return LevelResult(levels, scores, NetworkCounts(frames, counts))


def _chunks(network: Network, frames: int) -> list[slice]:
    """Even chunks; trains count with all of their time steps."""
    widest = max([network.encoder.neurons, *(layer.neuron.neurons * _kept_steps(network, layer) for layer in network.hidden)])
    most = max(16, _VALUES_AT_ONCE // widest)
    pieces = max(1, -(-frames // most))
    bounds = [frames * piece // pieces for piece in range(pieces + 1)]
    return [slice(first, last) for first, last in pairwise(bounds)]


def _kept_steps(network: Network, layer: Layer) -> int:
    return layer.neuron.time_steps if _feeds_causal(network, layer) else 1


def _feeds_causal(network: Network, layer: Layer) -> bool:
    """True where the consumer decides in every time step; all others need sums alone."""
    consumers = [other for other in network.layers if other.synapses[0].source == layer.name]
    return any(consumer.neuron.mode is NeuronMode.CAUSAL for consumer in consumers)


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def _run(work: partial[list[Sent]], chunks: list[slice]) -> list[list[Sent]]:
    """All chunks; several of them on one thread each, with products that start none of their own."""
    blas = _libraries().select(user_api="blas").info()
    threads = min(len(chunks), max((library["num_threads"] for library in blas), default=1))
    if threads < 2:
        return [work(chunk) for chunk in chunks]
    with _libraries().limit(limits=1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, chunks))


@dataclass(frozen=True, eq=False)
class _Frames:
    """What a source sends in the frames of a chunk: sums (frames, channels), and the steps of those whose consumer sees them."""

    values: Values
    train: Train | None = None


def _simulate_chunk(
    network: Network,
    plan: list[_Population],
    pixels: npt.NDArray[np.uint8],
    levels: dict[str, Levels],
    scores: npt.NDArray[np.int32],
    chunk: slice,
) -> list[Sent]:
    encoded = input_levels(pixels[chunk], network.encoder)
    sent = [sent_by_encoder(network.encoder, encoded)]
    now = _Frames(encoded)
    for population in plan[:-1]:
        now, of_layer = population.fire(now)
        levels[population.name][chunk] = now.values
        sent.append(of_layer)
    scores[chunk] = plan[-1].potentials(now)
    return [*sent, NOTHING_SENT]


class _Population:
    """One layer, prepared for any number of chunks."""

    def __init__(self, network: Network, layer: Layer) -> None:
        neuron, group = layer.neuron, layer.synapses[0]
        self.name = layer.name
        self._neuron = neuron
        self._source = None if group.source == INPUT else network.layer(group.source).neuron
        self._by_step = neuron.mode is NeuronMode.CAUSAL and not network.source_is_direct(group.source)
        self._keeps_train = _feeds_causal(network, layer)
        sent = network.source_wire_range(group.source) if self._by_step else network.source_range(group.source)
        self._product = ExactProduct(group, *sent, neuron.potential_bits)
        self._offset: Values = neuron.offset.astype(self._product.dtype)
        self._threshold: Values = neuron.threshold.astype(self._product.dtype)

    def potentials(self, source: _Frames) -> Values:
        """Charge of the frame plus offset, (frames, channels)."""
        charges = self._product(source.values)
        charges += self._offset
        return charges

    def fire(self, source: _Frames) -> tuple[_Frames, Sent]:
        """What the layer sends."""
        neuron = self._neuron
        if neuron.mode is NeuronMode.DEFERRED:
            values = self.potentials(source)
            divide(values, self._threshold, neuron.lowest, neuron.levels, out=values)
            return _Frames(values), sent_by_deferred(neuron, values.astype(np.int8))
        charges = self._charges_by_step(source) if self._by_step else self._product(source.values)
        ran = run_causal(neuron, charges, self._keeps_train)
        return _Frames(ran.sums, ran.train if self._keeps_train else None), ran.sent

    def _charges_by_step(self, source: _Frames) -> Values:
        train: npt.NDArray[Any] | None = source.train
        if train is None:
            assert self._source is not None
            train = emitted(self._source, source.values.astype(np.int8))
        steps, frames, channels = train.shape
        return self._product(train.reshape(-1, channels)).reshape(steps, frames, self._neuron.channels)
