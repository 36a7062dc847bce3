"""What the core must send and count, frame by frame, from the golden result and the network alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.golden import GoldenResult, LayerTrace
from model.golden.encoding import SpikeArray
from model.integer_network import Layer, Network, NeuronMode
from model.integer_network.structure import INPUT
from model.integer_network.widths import needs_saturation
from rtl.core_plan import CorePlan
from rtl.engine_counts import cycle_bound, predict_engine_counts
from sim.records import Int64

_SPIKES = 6


@dataclass(frozen=True, eq=False)
class LinkExpectation:
    """Spikes (time steps, frames, channels) on the link from ``source``."""

    source: str
    spikes: SpikeArray


@dataclass(frozen=True, eq=False)
class LayerExpectation:
    """What one layer must count, (frames, 12), and the most cycles it may take, (frames,)."""

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
        emitted = golden.layers[layer.name].spikes
        counts = np.concatenate([_network_counts(network, layer, spikes, emitted), engine[layer.name]], axis=1)
        bound = cycle_bound(layer_plan, counts[:, 0], counts[:, _SPIKES])
        layers.append(LayerExpectation(layer.name, counts, bound, layer_plan.causal))
        source, spikes = layer.name, emitted
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
        result.layers[name] = LayerTrace(trace.spikes[:, frames], trace.potentials[frames], trace.history[:, frames])
    return result


def _network_counts(network: Network, layer: Layer, arriving: SpikeArray, emitted: SpikeArray) -> Int64:
    """The seven network counts of every frame, (frames, 7); model.golden.counts sums the same over all frames."""
    neuron, source = layer.neuron, layer.synapses[0].source
    frames = arriving.shape[1]
    direct = network.source_is_direct(source)
    causal = neuron.mode is NeuronMode.CAUSAL
    planes = network.source_steps(source) if network.source_is_bits(source) else 1
    spikes = arriving.sum(axis=(0, 2), dtype=np.int64)
    each_frame = {
        "doublings": planes - 1,
        "bias_adds": neuron.time_steps if causal and not direct else 1,
        "charge_adds": neuron.time_steps if direct else 0,
        "compares": neuron.time_steps + int(needs_saturation(neuron)),
    }
    constants = [np.full(frames, value * neuron.channels) for value in each_frame.values()]
    sent = emitted.sum(axis=(0, 2), dtype=np.int64) if neuron.time_steps else np.zeros(frames, dtype=np.int64)
    return np.stack([spikes, spikes * neuron.channels, *constants, sent], axis=1)
