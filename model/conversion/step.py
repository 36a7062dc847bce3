"""The convert step: from a checkpoint to the integer network, proved equal to Brevitas on the whole test set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from model.base.files import write_json, write_text
from model.calibration.distribution_aware import distribution_aware
from model.calibration.dual_phase import dual_phase
from model.compare import Comparer, Comparison
from model.config.effective import activation_of
from model.config.schema import Configuration
from model.conversion.choose_codes import choose_codes
from model.conversion.convert import convert
from model.conversion.evaluated import AnnResult, RoundedNetwork, trained_weights
from model.conversion.fits import is_calibrated
from model.conversion.resolve import Codes, resolve_codes
from model.conversion.trained import TrainedNetwork, trained_numbers
from model.data import Dataset, Part, load_dataset
from model.golden import input_levels
from model.integer_network import Network, load_network, network_text, save_network
from model.reference import ReferenceResult, evaluate_reference
from model.training.loop import pixel_levels
from model.training.network import QuantisedNetwork
from model.training.step import accuracy_of, trained_network

SAMPLE_IMAGES = 1000
"""The first training images; on them the cost of wire codes is measured."""


def run_convert(config: Configuration, data: Path, train: Path, out: Path) -> None:
    """Write ``network.safetensors``, ``network.txt`` and ``convert.json``.

    Args:
        config: method, codes and time steps; the network as it was trained.
        data: folder of the data step.
        train: folder of the train step.
        out: the step's folder.

    Raises:
        UserError: an impossible configuration, or a missing or damaged input.
    """
    codes = resolve_codes(config)
    dataset = load_dataset(data / "dataset.npz")
    brevitas_network = trained_network(config, dataset, train)
    trained, calibration = calibrated(config, brevitas_network, dataset, codes)
    network, certificate = convert(config, trained, dataset.shape)
    sample = input_levels(dataset.train.images[:SAMPLE_IMAGES], network.encoder)
    network, choices = choose_codes(network, codes.automatic, sample)
    save_network(network, out / "network.safetensors")
    write_text(out / "network.txt", network_text(network))
    # The weights come from the quantisers once more, everything else from the file that later stages read.
    network = load_network(out / "network.safetensors")
    rounded = RoundedNetwork(network, trained_weights(trained, network))
    test = input_levels(dataset.test.images, network.encoder)
    ann, reference = rounded.evaluate(test), evaluate_reference(network, test)
    summary = {
        "method": config.conversion.method,
        "activation": activation_of(config),
        "time_steps": codes.time_steps,
        "calibration": calibration,
        "accuracy": {"ann": _share(ann.classes, dataset.test), "reference": _share(reference.classes, dataset.test)},
        "validation_accuracy": {
            "trained": accuracy_of(brevitas_network, dataset.validation, config),
            "ann": _share(rounded.evaluate(input_levels(dataset.validation.images, network.encoder)).classes, dataset.validation),
        },
        "comparison": compare_ann(reference, ann).as_dict(),
        "rounding": {name: layer.as_dict() for name, layer in certificate.items()},
        "levels_equal_to_trained": {}
        if calibration
        else levels_equal_to_trained(brevitas_network, network, dataset, ann, config),
        "codes": {choice.layer: choice.as_dict() for choice in choices},
        "layers": _layers(network),
    }
    write_json(out / "convert.json", summary)


def calibrated(
    config: Configuration, network: QuantisedNetwork, dataset: Dataset, codes: Codes
) -> tuple[TrainedNetwork, dict[str, Any] | None]:
    """The trained numbers, calibrated on training images where the method calibrates, and the calibration's report.

    Raises:
        UserError: the potentials of the network as it is would need more bits than are supported.
    """
    with torch.no_grad():
        trained = trained_numbers(network)
    if not is_calibrated(config):
        return trained, None
    if activation_of(config) != "relu":
        # Calibration moves weights and potentials a little: time steps that do not fit now will not fit then.
        convert(config, trained, dataset.shape)
    if config.conversion.method == "dual-phase":
        assert codes.time_steps is not None
        return dual_phase(config, network, dataset, codes.time_steps)
    assert codes.levels is not None
    return distribution_aware(config, network, dataset, codes.levels[0])


def compare_ann(reference: ReferenceResult, ann: AnnResult) -> Comparison:
    """Every level of every layer, and the scores."""
    comparer = Comparer("ann_vs_reference")
    for name, levels in reference.levels.items():
        comparer.add(name, levels, ann.levels[name])
    comparer.add("readout", reference.scores, ann.scores)
    return comparer.result()


@torch.no_grad()
def levels_equal_to_trained(
    trained: QuantisedNetwork, network: Network, dataset: Dataset, ann: AnnResult, config: Configuration
) -> dict[str, float]:
    """Share of the levels of each hidden layer, over the test part, that rounding and single precision left as they were.

    Empty where the trained network has other levels than the converted one, or none.
    """
    if any(layer.levels != rounded.neuron.levels for layer, rounded in zip(trained.hidden, network.hidden, strict=True)):
        return {}
    values = pixel_levels(dataset.test.images, config.input.bits).flatten(1).float() / trained.input_levels
    shares = {}
    for layer, (name, rounded) in zip(trained.hidden, ann.levels.items(), strict=True):
        values = layer(values)
        levels = torch.round(values / float(layer.unit)).numpy()  # type: ignore[arg-type]
        shares[name] = float(np.mean(levels == rounded))
    return shares


def _share(classes: np.ndarray, part: Part) -> float:
    return float((classes == part.labels).mean())


def _layers(network: Network) -> list[dict[str, object]]:
    return [
        {
            "name": layer.name,
            "mode": str(layer.neuron.mode),
            "code": str(layer.neuron.code),
            "neurons": layer.neuron.neurons,
            "levels": layer.neuron.levels,
            "lowest": layer.neuron.lowest,
            "spikes_of_a_time_step": list(layer.neuron.wire_range),
            "time_steps": layer.neuron.time_steps,
            "weight_bits": layer.synapses[0].weight_bits,
            "zero_weights": int((layer.synapses[0].weights == 0).sum()),
            "potential_bits": layer.neuron.potential_bits,
        }
        for layer in network.layers
    ]
