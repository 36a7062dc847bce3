"""The figures of one row, from the folders of its steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from model.base.files import write_json
from model.config.effective import activation_of
from model.config.schema import Configuration
from model.energy import TABLES, price, spiking_work
from model.golden import GoldenResult, LayerCounts, NetworkCounts, load_golden
from model.integer_network import Network, load_network
from pipeline.outcomes import Figures
from rtl.core_plan import CorePlan, plan_core
from rtl.core_settings import CoreSettings
from rtl.engine_counts import predict_cycles
from rtl.engine_energy import predict_engine
from rtl.folding import chosen_folding

FILE = "row.json"


def write_figures(config: Configuration, data: Path, training: Path, out: Path) -> None:
    """Write ``row.json``.

    Args:
        config: the row's configuration.
        data: folder of the data step.
        training: folder of the train step.
        out: the row's folder, with ``convert``, ``fold`` and ``golden`` below it.
    """
    network, hardware = load_network(out / "fold" / "network.safetensors"), config.hardware
    engine, parallelism = chosen_folding(hardware, out / "fold")
    plan = plan_core(network, parallelism, engine, CoreSettings.of(hardware))
    counts = NetworkCounts.from_dict(Figures(out / "golden" / "golden.json")["simulated_counts"])
    result = load_golden(out / "golden" / "golden.npz").select(slice(0, counts.frames))
    figures = {
        "activation": activation_of(config),
        **_structure(network),
        **_accuracy(Figures(data / "data.json"), Figures(training / "train.json"), out),
        **_loss(network, Figures(out / "golden" / "golden.json")),
        "counts": {field: counts.total(field) / counts.frames for field in LayerCounts.__dataclass_fields__},
        **_cycles(plan, result),
        "energy": _energy(network, plan, counts, result),
    }
    write_json(out / FILE, figures)


def _structure(network: Network) -> dict[str, Any]:
    hidden = [layer.neuron for layer in network.hidden]
    return {
        "input_code": str(network.encoder.code),
        "input_time_steps": network.encoder.time_steps,
        "codes": [str(neuron.code) for neuron in hidden],
        "levels": [neuron.levels for neuron in hidden],
        "lowest_levels": [neuron.lowest for neuron in hidden],
        "wire_time_steps": [neuron.time_steps for neuron in hidden],
        "potential_bits": [layer.neuron.potential_bits for layer in network.layers],
    }


def _accuracy(data: Figures, train: Figures, out: Path) -> dict[str, Any]:
    convert, golden = Figures(out / "convert" / "convert.json"), Figures(out / "golden" / "golden.json")
    return {
        "images": golden["counts.frames"],
        "data": {"source": data["source"], **data["counts"]},
        "accuracy": golden["accuracy"],
        "accuracy_trained": train["accuracy.test"],
        "accuracy_ann": convert["accuracy.ann"],
        "accuracy_reference": convert["accuracy.reference"],
    }


def _loss(network: Network, golden: Figures) -> dict[str, Any]:
    """Values that differ from the ANN: levels of hidden neurons, as rates where causal, and scores."""
    frames = golden["counts.frames"]
    by_layer = golden["comparison.by_layer"]
    return {
        "exact": golden["comparison_is_verdict"],
        "values": golden["comparison.values"],
        "mismatches": golden["comparison.mismatches"],
        "loss": {layer.name: by_layer[layer.name] / (frames * layer.neuron.neurons) for layer in network.layers},
    }


def _cycles(plan: CorePlan, result: GoldenResult) -> dict[str, float]:
    """Of the cycle rule, per image: the sum over the layers, as a latency, and the largest layer, as an interval."""
    cycles = list(predict_cycles(result, plan).values())
    return {
        "cycles_sum": float(np.sum(cycles, axis=0).mean()),
        "cycles_max": float(np.max(cycles, axis=0).mean()),
    }


def _energy(network: Network, plan: CorePlan, counts: NetworkCounts, result: GoldenResult) -> dict[str, float]:
    """PJ per image by table."""
    engine = predict_engine(network, result, plan)
    work = spiking_work(network, counts, engine)
    return {table.key: price(work, table, counts.frames).total for table in TABLES}
