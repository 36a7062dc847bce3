"""What the core must send and count, frame by frame, from the golden result and the network alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.golden import GoldenResult, LayerTrace
from model.golden.counts import compares_of_layer
from model.golden.encoding import SpikeArray
from model.golden.frames import events_of_frames, spikes_of_frames
from model.integer_network import Layer, Network, NeuronMode
from model.integer_network.connections import fan_out
from model.integer_network.structure import INPUT
from rtl.core_plan import CorePlan
from rtl.engine_counts import predict_cycles, predict_engine_counts
from rtl.link_plan import LinkPlan
from sim.records import NETWORK_FIELDS, Int64


@dataclass(frozen=True, eq=False)
class LinkExpectation:
    """Spikes (time steps, frames, neurons) on a link from ``source``; ``name`` tells the links of one source apart."""

    name: str
    source: str
    spikes: SpikeArray
    plan: LinkPlan


@dataclass(frozen=True, eq=False)
class LayerExpectation:
    """What one layer must count, (frames, 15), and the most cycles it may take, (frames,)."""

    name: str
    counts: Int64
    cycle_bound: Int64
    works_while_sending: bool


@dataclass(frozen=True, eq=False)
class Expectation:
    """Everything about some frames, links and layers in the order of the core."""

    readout: str
    links: tuple[LinkExpectation, ...]
    layers: tuple[LayerExpectation, ...]
    scores: Int64
    classes: Int64

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.scores)


def longest_frame(golden: GoldenResult, plan: CorePlan) -> int:
    """Cycles of the longest frame that is alone in the core: by the cycle rule, layer after layer."""
    return int(np.sum(list(predict_cycles(golden, plan).values()), axis=0).max())


def expect(network: Network, golden: GoldenResult, plan: CorePlan) -> Expectation:
    """Derive what the core must do for all frames of a golden result."""
    engine, cycles = predict_engine_counts(golden, plan), predict_cycles(golden, plan)
    layers = []
    for layer, layer_plan in zip(network.layers, plan.layers, strict=True):
        counts = np.concatenate([_network_counts(network, layer, golden), engine[layer.name]], axis=1)
        while_sending = layer_plan.causal or layer_plan.unrolled is not None
        layers.append(LayerExpectation(layer.name, counts, cycles[layer.name], while_sending))
    return Expectation(
        readout=network.readout.name,
        links=tuple(_expect_link(golden, plan, number) for number in range(len(plan.links))),
        layers=tuple(layers),
        scores=golden.scores.astype(np.int64),
        classes=golden.classes,
    )


def _expect_link(golden: GoldenResult, plan: CorePlan, number: int) -> LinkExpectation:
    link = plan.links[number]
    alone = sum(other.source == link.source for other in plan.links) == 1
    return LinkExpectation(
        link.source if alone else f"{link.source} (link {number})", link.source, _sent(golden, link.source), link
    )


def _sent(golden: GoldenResult, source: str) -> SpikeArray:
    return golden.input_spikes if source == INPUT else golden.layers[source].spikes


def select(golden: GoldenResult, frames: slice) -> GoldenResult:
    """The golden result of some frames."""
    result = GoldenResult(golden.input_spikes[:, frames])
    for name, trace in golden.layers.items():
        result.layers[name] = LayerTrace(
            trace.spikes[:, frames], trace.potentials[frames], trace.history[:, frames], trace.resets[frames]
        )
    return result


def _network_counts(network: Network, layer: Layer, golden: GoldenResult) -> Int64:
    """The network counts of every frame, (frames, 10); model.golden.counts sums the same over all frames."""
    neuron, trace = layer.neuron, golden.layers[layer.name]
    direct = network.has_direct_charge(layer)
    causal = neuron.mode is NeuronMode.CAUSAL
    arriving = [_sent(golden, group.source) for group in layer.synapses]
    accumulates = [
        np.abs(spikes.astype(np.int64)).sum(axis=0) @ fan_out(group, network.source_map(group.source)).all
        for group, spikes in zip(layer.synapses, arriving, strict=True)
    ]
    sent = spikes_of_frames(trace.spikes)
    by_field: dict[str, Int64 | int] = {
        "input_events": np.sum([events_of_frames(spikes) for spikes in arriving], axis=0),
        "input_spikes": np.sum([spikes_of_frames(spikes) for spikes in arriving], axis=0),
        "accumulates": np.sum(accumulates, axis=0),
        "doublings": max(network.planes(layer) - 1, 0) * network.potential_map(layer).size,
        "bias_adds": (neuron.time_steps if causal and not direct else 1) * neuron.neurons,
        "charge_adds": neuron.time_steps * neuron.neurons if direct else 0,
        "compares": compares_of_layer(network, layer),
        "resets": trace.resets,
        "spikes": sent,
        "events": events_of_frames(trace.spikes),
    }
    return np.stack([np.broadcast_to(by_field[field], sent.shape) for field in NETWORK_FIELDS], axis=1)
