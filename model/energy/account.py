"""The whole energy section of a report: counts, prices, baselines and break-even of one network on one set of frames."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict

from model.energy.baselines import BASELINES, Baseline, baseline_work
from model.energy.break_even import Activity, break_even
from model.energy.price import Price, price
from model.energy.spiking import EngineCounts, spiking_work, synapses_of
from model.energy.tables import TABLES
from model.energy.work import LayerWork, OperationKind
from model.golden import NetworkCounts
from model.integer_network import Layer, Network

UNIT = "pJ per image"


def measured_activity(network: Network, counts: NetworkCounts) -> Activity:
    """Spikes per synapse and spike rate of the golden simulation, per frame.

    A synapse is one input at one position that it is read from. The rate is the share of neurons and time steps of the links
    that carry a spike, or several of them.
    """
    synapses = sum(_synapses(network, layer) for layer in network.layers)
    slots = sum(_slots(network, layer) for layer in network.layers)
    return Activity(
        counts.total("accumulates") / (counts.frames * synapses), counts.total("input_events") / (counts.frames * slots)
    )


def _synapses(network: Network, layer: Layer) -> int:
    return sum(synapses_of(network, group) for group in layer.synapses)


def _slots(network: Network, layer: Layer) -> int:
    """Values that the links of a layer can carry in a frame."""
    return sum(network.source_steps(group.source) * network.source_map(group.source).size for group in layer.synapses)


def energy_account(network: Network, counts: NetworkCounts, engine: Mapping[str, EngineCounts]) -> dict[str, object]:
    """Count, price, compare.

    Args:
        network: the integer network.
        counts: golden counts.
        engine: engine counts of the same frames, by layer.

    Returns:
        ``counts``, ``tables``, ``baselines`` and ``break_even`` as in docs/energy.md; energies in pJ per image.
    """
    activity = measured_activity(network, counts)
    spiking = spiking_work(network, counts, engine)
    compared = {baseline: baseline_work(baseline, network, counts, engine) for baseline in BASELINES}
    spiking_prices = {table.key: price(spiking, table, counts.frames) for table in TABLES}
    baseline_prices = {
        baseline: {table.key: price(work, table, counts.frames) for table in TABLES} for baseline, work in compared.items()
    }
    return {
        "counts": _counts(network, counts, engine),
        "tables": {
            table.key: {
                "title": table.title,
                "note": table.note,
                "unit": UNIT,
                "sources": list(table.sources),
                "constants": table.constants(),
                "spiking": spiking_prices[table.key].as_dict(),
            }
            for table in TABLES
        },
        "baselines": {
            baseline.key: _baseline(baseline, network, work, counts.frames, baseline_prices[baseline])
            for baseline, work in compared.items()
        },
        "break_even": {
            table.key: {
                baseline.key: break_even(spiking_prices[table.key], prices[table.key], activity).as_dict()
                for baseline, prices in baseline_prices.items()
            }
            for table in TABLES
        },
    }


def _counts(network: Network, counts: NetworkCounts, engine: Mapping[str, EngineCounts]) -> dict[str, object]:
    activity = measured_activity(network, counts)
    layers = {}
    for layer in network.layers:
        done, groups = counts.layers[layer.name], counts.groups[layer.name]
        synapses = _synapses(network, layer)
        inputs = counts.frames * sum(group.pooled(network.source_map(group.source)).size for group in layer.synapses)
        layers[layer.name] = asdict(done) | {
            "synapses": synapses,
            "weights": sum(group.weights.size for group in layer.synapses),
            "time_steps_in": max(network.source_steps(group.source) for group in layer.synapses),
            "potential_bits": layer.neuron.potential_bits,
            "weight_bits": max(group.weight_bits for group in layer.synapses),
            "spikes_per_synapse": done.accumulates / (counts.frames * synapses),
            "spike_rate": done.input_events / (counts.frames * _slots(network, layer)),
            "nonzero_input_share": sum(group.nonzero_inputs for group in groups) / inputs,
            "engine": asdict(engine[layer.name]),
        }
    accumulates = counts.total("accumulates")
    return {
        "frames": counts.frames,
        "layers": layers,
        "spikes_per_synapse": activity.spikes_per_synapse,
        "spike_rate": activity.spike_rate,
        "zero_weight_share": counts.total("zero_accumulates") / accumulates if accumulates else 0.0,
    }


def _baseline(
    baseline: Baseline, network: Network, work: tuple[LayerWork, ...], frames: int, prices: Mapping[str, Price]
) -> dict[str, object]:
    return {
        "title": baseline.title,
        "short": baseline.short,
        "definition": baseline.definition,
        "unit": UNIT,
        "activation_bits": {
            layer.name: max(baseline.activation_bits(network, group.source, math.prod(group.pooling)) for group in layer.synapses)
            for layer in network.layers
        },
        "multiplications": sum(
            operation.count for layer in work for operation in layer.operations if operation.kind is OperationKind.MULTIPLY
        )
        / frames,
        "energy": {key: each.as_dict() for key, each in prices.items()},
    }
