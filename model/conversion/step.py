"""The convert step: from a checkpoint to the integer network, proved equal to Brevitas on the whole test set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from model.base.files import write_json, write_text
from model.calibration.distribution_aware import distribution_aware
from model.calibration.dual_phase import dual_phase
from model.config.effective import activation_of
from model.config.schema import Configuration
from model.conversion.choose_codes import choose_codes
from model.conversion.convert import convert
from model.conversion.evaluated import RoundedNetwork, trained_weights
from model.conversion.fits import is_calibrated
from model.conversion.proof import ann_classes, prove
from model.conversion.resolve import Codes, resolve_codes
from model.conversion.trained import TrainedNetwork, trained_numbers
from model.data import Dataset, Part, load_dataset
from model.golden import input_levels
from model.integer_network import Network, Synapses, load_network, network_text, save_network
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
    proof = prove(network, rounded, dataset.test, None if calibration else _same_levels(brevitas_network, network))
    validation = ann_classes(network, rounded, dataset.validation)
    summary = {
        "method": config.conversion.method,
        "activation": activation_of(config),
        "time_steps": codes.time_steps,
        "calibration": calibration,
        "accuracy": {"ann": _share(proof.ann, dataset.test), "reference": _share(proof.reference, dataset.test)},
        "validation_accuracy": {
            "trained": accuracy_of(brevitas_network, dataset.validation, config),
            "ann": _share(validation, dataset.validation),
        },
        "comparison": proof.comparison.as_dict(),
        "rounding": {name: layer.as_dict() for name, layer in certificate.items()},
        "levels_equal_to_trained": proof.equal_to_trained,
        "codes": {choice.layer: choice.as_dict() for choice in choices},
        "layers": _layers(network),
    }
    write_json(out / "convert.json", summary)


def _same_levels(trained: QuantisedNetwork, network: Network) -> QuantisedNetwork | None:
    """The trained network where it has the levels of the converted one, so that they can be compared."""
    layers = zip(trained.layers(), network.hidden, strict=True)
    return trained if all(layer.levels == rounded.neuron.levels for layer, rounded in layers) else None


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


def _share(classes: np.ndarray, part: Part) -> float:
    return float((classes == part.labels).mean())


def _layers(network: Network) -> list[dict[str, object]]:
    return [
        {
            "name": layer.name,
            "mode": str(layer.neuron.mode),
            "code": str(layer.neuron.code),
            "neurons": layer.neuron.neurons,
            "map": list(layer.neuron.map),
            "levels": layer.neuron.levels,
            "lowest": layer.neuron.lowest,
            "spikes_of_a_time_step": list(layer.neuron.wire_range),
            "time_steps": layer.neuron.time_steps,
            "weight_bits": layer.synapses[0].weight_bits,
            "zero_weights": sum(int((group.weights == 0).sum()) for group in layer.synapses),
            "potential_bits": layer.neuron.potential_bits,
            "max_pooling": layer.max_pooling is not None,
            "synapses": [_group(group) for group in layer.synapses],
        }
        for layer in network.layers
    ]


def _group(group: Synapses) -> dict[str, object]:
    return {
        "source": group.source,
        "weights": list(group.weights.shape),
        "weight_bits": group.weight_bits,
        "pooling": list(group.pooling),
        "stride": list(group.stride),
        "padding": list(group.padding),
        "groups": group.groups,
    }
