"""Spike-by-spike semantics of docs/ir.md over whole batches through BLAS, exact by a bound on every sum.

Potentials are held in floating point only where all integers that can occur are representable: the proved width of
the membrane potential bounds every partial product sum in any order, so single precision is exact up to 25 bits
(magnitudes to 2**24) and double precision up to the 32 bits that the verifier admits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from model.golden.charge import Charge
from model.golden.encoding import SpikeArray, input_levels, input_spikes
from model.golden.firing import Counts, decide, fire_frame
from model.golden.pooling import largest_of_windows
from model.golden.products import exact_type
from model.integer_network import Layer, Network, Neuron, NeuronMode
from model.integer_network.structure import INPUT
from model.integer_network.widths import summed_bits

FloatArray = npt.NDArray[Any]

_FRAMES_AT_ONCE = 2000
_POTENTIALS_AT_ONCE = 1 << 24


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """What one layer did.

    Attributes:
        spikes: (time steps, frames, neurons), values on the wire; no time steps for the readout.
        potentials: (frames, neurons) int32; deferred and readout, charge, the largest of a max pooling window, plus offset
            before any reset; causal, after the last reset.
        history: potentials after each time step of the input, (steps, frames, potentials), before max pooling; of several
            sources after each of the aligned planes, then each step of the others in turn; empty unless recorded.
        resets: (frames,), how often a threshold was subtracted, or a negative one added.
    """

    spikes: SpikeArray
    potentials: npt.NDArray[np.int32]
    history: npt.NDArray[np.int32]
    resets: Counts


@dataclass(frozen=True, eq=False)
class GoldenResult:
    """Everything that happened: input spikes (time steps, frames, neurons), a trace a layer, scores and classes."""

    input_spikes: SpikeArray
    layers: dict[str, LayerTrace] = field(default_factory=dict)

    @property
    def scores(self) -> npt.NDArray[np.int32]:
        """Readout potentials, (frames, classes)."""
        return self.layers[next(reversed(self.layers))].potentials

    @property
    def classes(self) -> npt.NDArray[np.int64]:
        """Class of every frame; ties go to the lowest index."""
        return np.asarray(self.scores.argmax(axis=1))

    @property
    def frames(self) -> int:
        """Number of frames simulated."""
        return int(self.input_spikes.shape[1])

    def select(self, frames: slice) -> GoldenResult:
        """What happened in some of the frames."""
        layers = {
            name: LayerTrace(trace.spikes[:, frames], trace.potentials[frames], trace.history[:, frames], trace.resets[frames])
            for name, trace in self.layers.items()
        }
        return GoldenResult(self.input_spikes[:, frames], layers)


def simulate(network: Network, pixels: npt.NDArray[np.uint8], record_history: bool = False) -> GoldenResult:
    """Simulate a verified network on images.

    Args:
        network: the integer network.
        pixels: (frames, …) of 0..255.
        record_history: keep every potential of every time step as well.
    """
    widest = max(network.potential_map(layer).size for layer in network.layers)
    frames = max(1, min(_FRAMES_AT_ONCE, _POTENTIALS_AT_ONCE // widest))
    chunks = [
        _simulate_chunk(network, pixels[start : start + frames], record_history)
        for start in range(0, max(len(pixels), 1), frames)
    ]
    return chunks[0] if len(chunks) == 1 else _joined(chunks)


def _simulate_chunk(network: Network, pixels: npt.NDArray[np.uint8], record_history: bool) -> GoldenResult:
    spikes = {INPUT: input_spikes(input_levels(pixels, network.encoder), network.encoder)}
    result = GoldenResult(spikes[INPUT])
    for layer in network.layers:
        trace = _Population(network, layer, spikes, record_history).run()
        result.layers[layer.name] = trace
        spikes[layer.name] = trace.spikes
    return result


@dataclass(frozen=True, eq=False)
class _Input:
    """What one group of synapses receives: the spikes of its source, how they add up and where their charge goes."""

    spikes: SpikeArray
    charge: Charge
    is_bits: bool
    is_direct: bool


class _Population:
    """One layer while it is simulated."""

    def __init__(self, network: Network, layer: Layer, spikes: Mapping[str, SpikeArray], record_history: bool) -> None:
        self._neuron: Neuron = layer.neuron
        self._pooling = layer.max_pooling
        self._map = network.potential_map(layer)
        self._dtype: Any = exact_type(summed_bits(network, layer))
        self._inputs = [
            _Input(
                spikes[group.source],
                Charge(group, network.source_map(group.source), self._dtype),
                network.source_is_bits(group.source),
                network.source_is_direct(group.source),
            )
            for group in layer.synapses
        ]
        self._frames = spikes[INPUT].shape[1]
        self._record = record_history
        self._history: list[FloatArray] = []

    def run(self) -> LayerTrace:
        """All time steps."""
        return self._causal() if self._neuron.mode is NeuronMode.CAUSAL else self._deferred()

    def _deferred(self) -> LayerTrace:
        """Accumulate all time steps, then fire (PASCAL as wait-then-fire) or, for a readout, stop."""
        potential = self._accumulate(self._inputs)
        if self._pooling is not None:
            potential = largest_of_windows(potential, self._map, self._pooling)
        potential += self._neuron.spread(self._neuron.offset).astype(self._dtype)
        final = potential.astype(np.int32)
        if self._neuron.mode is NeuronMode.READOUT:
            nothing = np.empty((0, *potential.shape), dtype=np.int8)
            return self._trace(nothing, final, np.zeros(len(potential), dtype=np.int64))
        spikes, resets = fire_frame(self._neuron, potential)
        return self._trace(spikes, final, resets)

    def _causal(self) -> LayerTrace:
        """Add the charge and bias of a step, compare, soft-reset, at every step (OPI)."""
        neuron = self._neuron
        constant = self._accumulate([given for given in self._inputs if given.is_direct])
        self._history.clear()
        trains = [given for given in self._inputs if not given.is_direct]
        bias = neuron.spread(neuron.step_bias).astype(self._dtype)
        potential = np.tile(neuron.spread(neuron.offset).astype(self._dtype), (self._frames, 1))
        out = np.empty((neuron.time_steps, *potential.shape), dtype=np.int8)
        resets = np.zeros(self._frames, dtype=np.int64)
        for step in range(neuron.time_steps):
            potential += constant
            for train in trains:
                potential += train.charge(train.spikes[step])
            potential += bias
            out[step], resets_of_step = decide(neuron, potential)
            resets += resets_of_step
            self._note(potential)
        return self._trace(out, potential.astype(np.int32), resets)

    def _accumulate(self, inputs: Sequence[_Input]) -> FloatArray:
        """Charge of a frame: bit planes first, aligned at the least significant one, then all that has no planes."""
        potential = np.zeros((self._frames, self._map.size), dtype=self._dtype)
        in_planes = [given for given in inputs if given.is_bits]
        planes = max((len(given.spikes) for given in in_planes), default=0)
        for plane in range(planes):
            if plane:
                potential += potential
            for given in in_planes:
                own = plane - planes + len(given.spikes)
                if own >= 0:
                    potential += given.charge(given.spikes[own])
            self._note(potential)
        for given in inputs:
            for values in () if given.is_bits else given.spikes:
                potential += given.charge(values)
                self._note(potential)
        return potential

    def _note(self, potential: FloatArray) -> None:
        if self._record:
            self._history.append(potential.astype(np.int32))

    def _trace(self, spikes: SpikeArray, final: npt.NDArray[np.int32], resets: Counts) -> LayerTrace:
        empty = np.empty((0, self._frames, self._map.size), dtype=np.int32)
        return LayerTrace(spikes, final, np.stack(self._history) if self._history else empty, resets)


def _joined(chunks: Sequence[GoldenResult]) -> GoldenResult:
    result = GoldenResult(np.concatenate([chunk.input_spikes for chunk in chunks], axis=1))
    for name in chunks[0].layers:
        traces = [chunk.layers[name] for chunk in chunks]
        result.layers[name] = LayerTrace(
            np.concatenate([trace.spikes for trace in traces], axis=1),
            np.concatenate([trace.potentials for trace in traces]),
            np.concatenate([trace.history for trace in traces], axis=1),
            np.concatenate([trace.resets for trace in traces]),
        )
    return result
