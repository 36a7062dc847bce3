"""Engine counts: what the event engine does for a frame, predicted from the golden events."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from model.golden import GoldenResult
from model.golden.encoding import SpikeArray
from model.golden.frames import events_of_frames, spikes_of_frames
from model.golden.sent import Outgoing, sent_spikes
from model.integer_network import Network, Synapses
from model.integer_network.structure import INPUT
from rtl.core_plan import CorePlan, LayerPlan
from rtl.link_plan import LinkPlan
from rtl.map_plan import MapPlan, SynapsePlan

Int64 = npt.NDArray[np.int64]

ENGINE_COUNT_FIELDS = ("row_reads", "potential_reads", "potential_writes", "executed_cycles", "skipped_cycles")
WEIGHT_COUNT_FIELDS = ("row_weights", "rows", "row_reads", "input_rows", "nonzero_input_rows")
"""Weights in a row and rows of a memory; rows that spikes read, that inputs reach in a frame, and inputs that are not zero."""
_SCAN_OVERHEAD = 30
"""Cycles of a scan of a map beside the words that it reads and the stages of the decision: from the last event to the first word,
and from the decision to the link."""


def predict_engine_counts(result: GoldenResult, plan: CorePlan) -> dict[str, Int64]:
    """Engine counts of every layer and frame, (frames, 5), fields of ``ENGINE_COUNT_FIELDS``.

    A pass takes one cycle a group and reads and writes every potential once; adding the charge register reads it as well; a
    pass that only sends touches none. A spike of magnitude m is m passes. In a map a spike takes a pass for each word of weights
    that it reaches, and each scan reads every potential of every window.
    """
    counts = {}
    for layer in plan.layers:
        if layer.unrolled is not None:
            counts[layer.name] = _unrolled_counts(layer, result)
        elif layer.map is not None:
            counts[layer.name] = _map_counts(layer, layer.map, plan, result)
        else:
            link = plan.links[layer.links[0]]
            arriving = spikes_of(result, link.source)[:, :, reaching(link)]
            counts[layer.name] = _layer_counts(layer, spikes_of_frames(arriving), events_of_frames(arriving))
    return counts


def predict_weight_counts(network: Network, result: GoldenResult, plan: CorePlan) -> dict[str, list[dict[str, int]]]:
    """How each layer holds the weights of each group of synapses, and the rows read of them, summed over the frames.

    The engine counts the rows of a layer alone; those of its groups add up to them. An input is what average pooling in front
    of the synapses leaves.

    Args:
        network: the integer network.
        result: its golden result.
        plan: its core.

    Returns:
        By layer, for each of its groups of synapses the fields of ``WEIGHT_COUNT_FIELDS``.
    """
    counts = {}
    for layer, built in zip(network.layers, plan.layers, strict=True):
        if built.unrolled is not None:
            # Its weights are wires, and so are those of a baseline on the same engine.
            counts[layer.name] = [dict.fromkeys(WEIGHT_COUNT_FIELDS, 0)]
            continue
        if built.map is None:
            held = [(built.lanes, built.groups * built.sources, reaching(plan.links[built.links[0]]) * built.groups)]
        else:
            held = [(synapses.row_weights, synapses.weight_words, synapses.passes()) for synapses in built.map.synapses]
        counts[layer.name] = [
            dict(zip(WEIGHT_COUNT_FIELDS, (row_weights, rows, *_rows_read(network, group, passes, result)), strict=True))
            for group, (row_weights, rows, passes) in zip(layer.synapses, held, strict=True)
        ]
    return counts


def _rows_read(network: Network, group: Synapses, passes: Int64, result: GoldenResult) -> tuple[int, int, int]:
    """Rows that the spikes read, that all inputs reach, and inputs that are not zero; ``passes`` are those of every neuron."""
    source = network.source_map(group.source)
    sent = sent_spikes(spikes_of(result, group.source), Outgoing(source, frozenset({group.pooling})))
    by_input = passes.reshape(source)[:, :: group.pooling[0], :: group.pooling[1]]
    pooled = group.pooled(source)
    by_input = by_input[:, : pooled.rows, : pooled.columns].reshape(-1)
    return (
        int(sent.by_neuron @ passes.reshape(-1)),
        int(by_input.sum()),
        int(sent.active[group.pooling] @ by_input),
    )


def passes_received(result: GoldenResult, plan: CorePlan, layer: LayerPlan) -> Int64:
    """Cycles that the spikes received cost a layer, (frames,), in groups of lanes: a magnitude of m costs m times as much.

    An unrolled layer takes an event of any magnitude in one cycle, and where it is sent whole time steps none at all.
    """
    if layer.unrolled is not None:
        link = plan.links[layer.links[0]]
        events = events_of_frames(spikes_of(result, link.source))
        return np.zeros_like(events) if link.planes else events
    if layer.map is None:
        link = plan.links[layer.links[0]]
        spikes, reached = spikes_of(result, link.source), reaching(link)
        return spikes_of_frames(spikes[:, :, reached]) * layer.groups + events_of_frames(spikes[:, :, ~reached])
    total = np.zeros(result.frames, dtype=np.int64)
    for synapses in layer.map.synapses:
        spikes = spikes_of(result, plan.links[synapses.link].source)
        passes = synapses.passes().reshape(-1)
        total += np.abs(spikes.astype(np.int64)).sum(axis=0) @ passes
        total += events_of_frames(spikes[:, :, passes == 0])
    return total


def predict_cycles(result: GoldenResult, plan: CorePlan) -> dict[str, Int64]:
    """``cycle_bound`` of every layer and frame, (frames,)."""
    return {
        layer.name: cycle_bound(layer, passes_received(result, plan, layer), _sent(result, plan, layer)) for layer in plan.layers
    }


def _sent(result: GoldenResult, plan: CorePlan, layer: LayerPlan) -> Int64:
    """Events that a layer sends one by one, (frames,): none where it sends whole time steps."""
    events = events_of_frames(result.layers[layer.name].spikes)
    return np.zeros_like(events) if plan.sends_planes(layer) else events


def program_passes(plan: LayerPlan) -> int:
    """Passes of a frame over the potentials that do not depend on its spikes."""
    doublings = (plan.source_steps - 1) if plan.doubling else 0
    if plan.engine == "readout":
        return doublings + 2
    if plan.engine == "direct":
        return doublings + 1 + plan.time_steps + plan.fire_passes
    if plan.causal:
        return plan.time_steps + plan.fire_passes
    return doublings + 1 + int(plan.saturates) + plan.fire_passes


def cycle_bound(plan: LayerPlan, received: Int64, emitted: Int64) -> Int64:
    """Most cycles that a frame may take in a layer whose links are willing.

    A marker costs a pass, a spike one for each unit of its magnitude, an event sent a cycle. A readout of several groups hands
    its scores over group by group, a cycle a score and three more a group. In a map a marker costs a cycle, and a scan one for
    each word that it reads and each stage of the decision. In an unrolled layer a time step costs a cycle when it is taken
    and one when it is sent.

    Args:
        plan: the layer.
        received: what ``passes_received`` says, (frames,).
        emitted: events sent, (frames,).
    """
    if plan.unrolled is not None:
        return received + emitted + plan.source_steps + plan.time_steps + 16
    if plan.map is not None:
        markers = plan.markers_in + plan.time_steps
        return received + emitted + markers + plan.scans * (plan.map.scan_cycles + plan.fires + _SCAN_OVERHEAD)
    passes = plan.source_steps + (plan.time_steps if plan.engine == "direct" else 0) + plan.fire_passes + plan.emission_passes
    handed_over = plan.channels + 3 * plan.groups if plan.engine == "readout" and plan.groups > 1 else 0
    return received + passes * plan.groups + emitted + handed_over + 16


def spikes_of(result: GoldenResult, source: str) -> SpikeArray:
    """(time steps, frames, neurons)."""
    return result.input_spikes if source == INPUT else result.layers[source].spikes


def reaching(link: LinkPlan) -> npt.NDArray[np.bool_]:
    """(neurons,): which neurons of a source lie in a window of average pooling."""
    reached = np.ones(link.map, dtype=np.bool_)
    if link.pooling is not None:
        reached[:, link.map.rows - link.map.rows % link.pooling[0] :] = False
        reached[:, :, link.map.columns - link.map.columns % link.pooling[1] :] = False
    return reached.reshape(-1)


def _layer_counts(plan: LayerPlan, arriving: Int64, events: Int64) -> Int64:
    passes = arriving + program_passes(plan)
    charges = plan.time_steps if plan.engine == "direct" else 0
    possible = plan.inputs * plan.source_steps
    return np.stack(
        [
            arriving * plan.groups,
            (passes + charges) * plan.channels,
            passes * plan.channels,
            (passes + plan.emission_passes) * plan.groups,
            (possible - events) * plan.groups,
        ],
        axis=1,
    )


def _unrolled_counts(plan: LayerPlan, result: GoldenResult) -> Int64:
    """Every time step reads and writes every potential in one cycle, whatever arrives."""
    counts = np.array([0, plan.source_steps * plan.channels, plan.source_steps * plan.channels, plan.source_steps, 0])
    return np.tile(counts.astype(np.int64), (result.frames, 1))


def _map_counts(plan: LayerPlan, built: MapPlan, core: CorePlan, result: GoldenResult) -> Int64:
    kept = built.scanned if plan.decides_every_step else 0
    clearings = 1 if plan.direct else plan.scans
    scans = np.array(
        [
            0,
            plan.scans * (built.scanned + kept),
            clearings * built.cleared + plan.scans * kept,
            plan.scans * built.scan_cycles,
            0,
        ],
        dtype=np.int64,
    )
    total = np.tile(scans, (result.frames, 1))
    for synapses in built.synapses:
        link = core.links[synapses.link]
        total += _charge_counts(synapses, spikes_of(result, link.source))
    return total


def _charge_counts(synapses: SynapsePlan, spikes: SpikeArray) -> Int64:
    """What the spikes of one source cause, (frames, 5)."""
    passes, touched = synapses.passes().reshape(-1), synapses.touched().reshape(-1)
    arriving = np.abs(spikes.astype(np.int64)).sum(axis=0)
    events = np.count_nonzero(spikes, axis=0).astype(np.int64)
    rows, potentials = arriving @ passes, arriving @ touched
    skipped = len(spikes) * int(passes.sum()) - events @ passes
    return np.stack([rows, potentials, potentials, rows, skipped], axis=1)
