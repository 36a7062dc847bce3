"""One network of an exploration: converted, proved on the test set, its accuracy on validation and test images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model.base.files import write_json
from model.config.schema import Configuration
from model.data import load_dataset
from model.golden import simulate_levels
from model.integer_network import load_network
from pipeline.campaign.steps import CONVERT, GOLDEN, run_step
from pipeline.outcomes import Figures

FILE = "network.json"


def make_network(config: Configuration, data: Path, training: Path, out: Path) -> list[str]:
    """Convert, run golden and write ``network.json``.

    Args:
        config: the configuration of one of its points; ``simulation.frames`` says of how many test images spikes are kept.
        data: folder of the data step.
        training: folder of the train step.
        out: an empty folder.

    Returns:
        The comparisons that failed, the first difference of each.
    """
    failures = run_step(CONVERT, config, {"data": data, "train": training}, out / "convert")
    # An exploration chooses engines, lanes and codes itself, so that folding leaves the network as it is.
    failures += run_step(GOLDEN, config, {"data": data, "fold": out / "convert"}, out / "golden")
    write_json(out / FILE, _figures(data, out))
    return failures


def _figures(data: Path, out: Path) -> dict[str, Any]:
    network = load_network(out / "convert" / "network.safetensors")
    convert, golden = Figures(out / "convert" / "convert.json"), Figures(out / "golden" / "golden.json")
    validation = load_dataset(data / "dataset.npz").validation
    right = simulate_levels(network, validation.images).classes == validation.labels
    hidden = [layer.neuron for layer in network.hidden]
    return {
        "accuracy_validation": float(right.mean()),
        "accuracy_test": golden["accuracy"],
        "accuracy_ann": convert["accuracy.ann"],
        "exact": golden["comparison_is_verdict"],
        "values": golden["comparison.values"],
        "mismatches": golden["comparison.mismatches"],
        "input_code": str(network.encoder.code),
        "codes": [str(neuron.code) for neuron in hidden],
        "time_steps": [neuron.time_steps for neuron in hidden],
        "layers": [layer.neuron.neurons for layer in network.layers],
    }
