"""What the core must send and count, frame by frame, from the golden result and the network alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.golden import GoldenResult, LayerTrace
from model.golden.counts import compares_of_frame
from model.golden.encoding import SpikeArray
from model.integer_network import Layer, Network, NeuronMode
from model.integer_network.structure import INPUT
from rtl.core_plan import CorePlan
from rtl.engine_counts import cycle_bound, predict_engine_counts
from sim.records import COUNTER_FIELDS, NETWORK_FIELDS, Int64


def _field(counts: Int64, name: str) -> Int64:
    return np.asarray(counts[:, COUNTER_FIELDS.index(name)])


@dataclass(frozen=True, eq=False)
class LinkExpectation:
    """Spikes (time steps, frames, channels) on the link from ``source``."""

    source: str
    spikes: SpikeArray


@dataclass(frozen=True, eq=False)
class LayerExpectation:
    """What one layer must count, (frames, 15), and the most cycles it may take, (frames,)."""

    name: str
    counts: Int64
    cycle_bound: Int64
    works_while_sending: bool


@dataclass(frozen=True, eq=False)
class Expectation:
    """Everything about some frames: link i goes to layer i."""

    readout: str
    links: tuple[LinkExpectation, ...]
    layers: tuple[LayerExpectation, ...]
    scores: Int64
    classes: Int64

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.scores)


def expect(network: Network, golden: GoldenResult, plan: CorePlan) -> Expectation:
    """Derive what the core must do for all frames of a golden result."""
    engine = predict_engine_counts(golden, plan)
    links, layers = [], []
    source, spikes = INPUT, golden.input_spikes
    for layer, layer_plan in zip(network.layers, plan.layers, strict=True):
        links.append(LinkExpectation(source, spikes))
        network_counts = _network_counts(network, layer, spikes, golden.layers[layer.name])
        counts = np.concatenate([network_counts, engine[layer.name]], axis=1)
        bound = cycle_bound(layer_plan, _field(counts, "input_spikes"), _field(counts, "events"))
        layers.append(LayerExpectation(layer.name, counts, bound, layer_plan.causal))
        source, spikes = layer.name, golden.layers[layer.name].spikes
    return Expectation(
        readout=network.readout.name,
        links=tuple(links),
        layers=tuple(layers),
        scores=golden.scores.astype(np.int64),
        classes=golden.classes,
    )


def select(golden: GoldenResult, frames: slice) -> GoldenResult:
    """The golden result of some frames."""
    result = GoldenResult(golden.input_spikes[:, frames])
    for name, trace in golden.layers.items():
        result.layers[name] = LayerTrace(
            trace.spikes[:, frames], trace.potentials[frames], trace.history[:, frames], trace.resets[frames]
        )
    return result


def _network_counts(network: Network, layer: Layer, arriving: SpikeArray, trace: LayerTrace) -> Int64:
    """The network counts of every frame, (frames, 10); model.golden.counts sums the same over all frames."""
    neuron, source = layer.neuron, layer.synapses[0].source
    direct = network.source_is_direct(source)
    causal = neuron.mode is NeuronMode.CAUSAL
    planes = network.source_steps(source) if network.source_is_bits(source) else 1
    received, sent = _spikes_of_frames(arriving), _spikes_of_frames(trace.spikes)
    by_field: dict[str, Int64 | int] = {
        "input_events": _events_of_frames(arriving),
        "input_spikes": received,
        "accumulates": received * neuron.neurons,
        "doublings": (planes - 1) * neuron.neurons,
        "bias_adds": (neuron.time_steps if causal and not direct else 1) * neuron.neurons,
        "charge_adds": neuron.time_steps * neuron.neurons if direct else 0,
        "compares": compares_of_frame(neuron) * neuron.neurons,
        "resets": trace.resets,
        "spikes": sent,
        "events": _events_of_frames(trace.spikes),
    }
    return np.stack([np.broadcast_to(by_field[field], received.shape) for field in NETWORK_FIELDS], axis=1)


def _spikes_of_frames(spikes: SpikeArray) -> Int64:
    """(frames,): a multi-spike of k counts k."""
    return np.asarray(np.abs(spikes).sum(axis=(0, 2), dtype=np.int64))


def _events_of_frames(spikes: SpikeArray) -> Int64:
    return np.asarray(np.count_nonzero(spikes, axis=(0, 2)), dtype=np.int64)
