"""The whole energy section of a report: counts, prices, baselines and break-even of one network on one set of frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from model.energy.baselines import BASELINES, Baseline, baseline_work, nonzero_inputs
from model.energy.break_even import Activity, break_even
from model.energy.price import Price, price
from model.energy.spiking import EngineCounts, spiking_work
from model.energy.tables import TABLES
from model.energy.work import LayerWork, OperationKind
from model.golden import GoldenResult, NetworkCounts
from model.integer_network import Network

UNIT = "pJ per image"


def measured_activity(network: Network, counts: NetworkCounts) -> Activity:
    """Spikes per synapse and spike rate of the golden simulation, per frame.

    The rate is the share of channels and time steps that carry a spike, or several of them.
    """
    slots = sum(
        network.source_steps(layer.synapses[0].source) * layer.synapses[0].weights.shape[1] for layer in network.layers
    )
    return Activity(
        counts.total("accumulates") / (counts.frames * network.synapse_count),
        counts.total("input_events") / (counts.frames * slots),
    )


def energy_account(
    network: Network, counts: NetworkCounts, result: GoldenResult, engine: Mapping[str, EngineCounts]
) -> dict[str, object]:
    """Count, price, compare.

    Args:
        network: the integer network.
        counts: golden counts of all frames of ``result``.
        result: the golden result, for the zeros of the baselines.
        engine: engine counts of the same frames, by layer.

    Returns:
        ``counts``, ``tables``, ``baselines`` and ``break_even`` as in docs/energy.md; energies in pJ per image.

    Raises:
        ValueError: the counts are not those of the result.
    """
    if counts.frames != result.frames:
        raise ValueError(f"counts of {counts.frames} frames for a golden result of {result.frames}")
    activity = measured_activity(network, counts)
    spiking = spiking_work(network, counts, engine)
    nonzero = nonzero_inputs(network, result)
    compared = {baseline: baseline_work(baseline, network, counts.frames, nonzero, engine) for baseline in BASELINES}
    spiking_prices = {table.key: price(spiking, table, counts.frames) for table in TABLES}
    baseline_prices = {
        baseline: {table.key: price(work, table, counts.frames) for table in TABLES} for baseline, work in compared.items()
    }
    return {
        "counts": _counts(network, counts, engine, nonzero),
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


def _counts(
    network: Network, counts: NetworkCounts, engine: Mapping[str, EngineCounts], nonzero: Mapping[str, int]
) -> dict[str, object]:
    activity = measured_activity(network, counts)
    layers = {}
    for layer in network.layers:
        done = counts.layers[layer.name]
        group = layer.synapses[0]
        channels = group.weights.shape[1] * counts.frames
        layers[layer.name] = asdict(done) | {
            "synapses": group.weights.size,
            "time_steps_in": network.source_steps(group.source),
            "potential_bits": layer.neuron.potential_bits,
            "weight_bits": group.weight_bits,
            "spikes_per_synapse": done.accumulates / (counts.frames * group.weights.size),
            "spike_rate": done.input_events / (channels * network.source_steps(group.source)),
            "nonzero_input_share": nonzero[layer.name] / channels,
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
            layer.name: baseline.activation_bits(network, layer.synapses[0].source) for layer in network.layers
        },
        "multiplications": sum(
            operation.count for layer in work for operation in layer.operations if operation.kind is OperationKind.MULTIPLY
        )
        / frames,
        "energy": {key: each.as_dict() for key, each in prices.items()},
    }
