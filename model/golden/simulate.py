"""Spike-by-spike semantics of docs/ir.md over whole batches through BLAS, exact by a bound on every sum.

Potentials are held in floating point only where all integers that can occur are representable: the proved width of
the membrane potential bounds every partial product sum in any order, so single precision is exact up to 25 bits
(magnitudes to 2**24) and double precision up to the 32 bits that the verifier admits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from model.golden.encoding import SpikeArray, input_levels, input_spikes
from model.golden.firing import Counts, decide, fire_frame
from model.golden.products import exact_type
from model.integer_network import Layer, Network, Neuron, NeuronMode

FloatArray = npt.NDArray[Any]

_FRAMES_AT_ONCE = 2000


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """What one layer did.

    Attributes:
        spikes: (time steps, frames, channels), values on the wire; no time steps for the readout.
        potentials: (frames, channels) int32; deferred and readout, charge plus offset before any reset;
            causal, after the last reset.
        history: potentials after each time step of the input, (steps, frames, channels); empty unless recorded.
        resets: (frames,), how often a threshold was subtracted, or a negative one added.
    """

    spikes: SpikeArray
    potentials: npt.NDArray[np.int32]
    history: npt.NDArray[np.int32]
    resets: Counts


@dataclass(frozen=True, eq=False)
class GoldenResult:
    """Everything that happened: input spikes (time steps, frames, channels), a trace a layer, scores and classes."""

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


def simulate(network: Network, pixels: npt.NDArray[np.uint8], record_history: bool = False) -> GoldenResult:
    """Simulate a verified network on images.

    Args:
        network: the integer network.
        pixels: (frames, …) of 0..255.
        record_history: keep every potential of every time step as well.
    """
    chunks = [
        _simulate_chunk(network, pixels[start : start + _FRAMES_AT_ONCE], record_history)
        for start in range(0, max(len(pixels), 1), _FRAMES_AT_ONCE)
    ]
    return chunks[0] if len(chunks) == 1 else _joined(chunks)


def _simulate_chunk(network: Network, pixels: npt.NDArray[np.uint8], record_history: bool) -> GoldenResult:
    spikes = input_spikes(input_levels(pixels, network.encoder), network.encoder)
    result = GoldenResult(spikes)
    for layer in network.layers:
        source = layer.synapses[0].source
        population = _Population(layer, doubling=network.source_is_bits(source), record_history=record_history)
        if layer.neuron.mode is NeuronMode.CAUSAL:
            trace = population.causal(spikes, direct=network.source_is_direct(source))
        else:
            trace = population.deferred(spikes)
        result.layers[layer.name] = trace
        spikes = trace.spikes
    return result


class _Population:
    """One layer while it is simulated."""

    def __init__(self, layer: Layer, doubling: bool, record_history: bool) -> None:
        self._neuron: Neuron = layer.neuron
        self._dtype: Any = exact_type(layer.neuron.potential_bits)
        self._weights: FloatArray = np.ascontiguousarray(layer.synapses[0].weights.T, dtype=self._dtype)
        self._doubling = doubling
        self._record = record_history
        self._history: list[FloatArray] = []

    def deferred(self, spikes: SpikeArray) -> LayerTrace:
        """Accumulate all time steps, then fire (PASCAL as wait-then-fire) or, for a readout, stop."""
        potential = self._accumulate(spikes)
        potential += self._neuron.offset.astype(self._dtype)
        final = potential.astype(np.int32)
        if self._neuron.mode is NeuronMode.READOUT:
            nothing = np.empty((0, *potential.shape), dtype=np.int8)
            return self._trace(nothing, final, np.zeros(len(potential), dtype=np.int64))
        spikes, resets = fire_frame(self._neuron, potential)
        return self._trace(spikes, final, resets)

    def causal(self, spikes: SpikeArray, direct: bool) -> LayerTrace:
        """Add the charge and bias of a step, compare, soft-reset, at every step (OPI)."""
        neuron = self._neuron
        constant = self._accumulate(spikes) if direct else None
        self._history.clear()
        bias = neuron.step_bias.astype(self._dtype)
        shape = (spikes.shape[1], neuron.channels)
        potential = np.broadcast_to(neuron.offset.astype(self._dtype), shape).copy()
        out = np.empty((neuron.time_steps, *shape), dtype=np.int8)
        resets = np.zeros(spikes.shape[1], dtype=np.int64)
        for step in range(neuron.time_steps):
            potential += constant if constant is not None else self._charge(spikes[step])
            potential += bias
            out[step], resets_of_step = decide(neuron, potential)
            resets += resets_of_step
            self._note(potential)
        return self._trace(out, potential.astype(np.int32), resets)

    def _charge(self, spikes: SpikeArray) -> FloatArray:
        return spikes.astype(self._dtype) @ self._weights

    def _accumulate(self, spikes: SpikeArray) -> FloatArray:
        potential = np.zeros((spikes.shape[1], self._neuron.channels), dtype=self._dtype)
        for step, plane in enumerate(spikes):
            if self._doubling and step:
                potential += potential
            potential += self._charge(plane)
            self._note(potential)
        return potential

    def _note(self, potential: FloatArray) -> None:
        if self._record:
            self._history.append(potential.astype(np.int32))

    def _trace(self, spikes: SpikeArray, final: npt.NDArray[np.int32], resets: Counts) -> LayerTrace:
        empty = np.empty((0, *final.shape), dtype=np.int32)
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
