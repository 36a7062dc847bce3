"""The convert step: from a checkpoint to the integer network, proved equal to Brevitas on the whole test set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from model.base.files import write_json, write_text
from model.compare import Comparer, Comparison
from model.config.schema import Configuration
from model.conversion.convert import convert
from model.conversion.evaluated import AnnResult, RoundedNetwork, trained_weights
from model.conversion.trained import trained_numbers
from model.data import Dataset, Part, load_dataset
from model.golden import input_levels
from model.integer_network import Network, load_network, network_text, save_network
from model.reference import ReferenceResult, evaluate_reference
from model.training.checkpoint import read_checkpoint
from model.training.loop import pixel_levels
from model.training.network import QuantisedNetwork
from model.training.step import CHECKPOINT, accuracy_of, best_network


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
    dataset = load_dataset(data / "dataset.npz")
    brevitas_network = best_network(config, dataset, read_checkpoint(train / CHECKPOINT))
    with torch.no_grad():
        trained = trained_numbers(brevitas_network)
    network, certificate = convert(config, trained, dataset.shape)
    save_network(network, out / "network.safetensors")
    write_text(out / "network.txt", network_text(network))
    # The weights come from the quantisers once more, everything else from the file that later stages read.
    network = load_network(out / "network.safetensors")
    rounded = RoundedNetwork(network, trained_weights(trained, network))
    test = input_levels(dataset.test.images, network.encoder)
    ann, reference = rounded.evaluate(test), evaluate_reference(network, test)
    summary = {
        "accuracy": {"ann": _share(ann.classes, dataset.test), "reference": _share(reference.classes, dataset.test)},
        "validation_accuracy": {
            "trained": accuracy_of(brevitas_network, dataset.validation, config),
            "ann": _share(rounded.evaluate(input_levels(dataset.validation.images, network.encoder)).classes, dataset.validation),
        },
        "comparison": compare_ann(reference, ann).as_dict(),
        "rounding": {name: layer.as_dict() for name, layer in certificate.items()},
        "levels_equal_to_trained": levels_equal_to_trained(brevitas_network, dataset, ann, config),
        "layers": _layers(network),
    }
    write_json(out / "convert.json", summary)


def compare_ann(reference: ReferenceResult, ann: AnnResult) -> Comparison:
    """Every level of every layer, and the scores."""
    comparer = Comparer("ann_vs_reference")
    for name, levels in reference.levels.items():
        comparer.add(name, levels, ann.levels[name])
    comparer.add("readout", reference.scores, ann.scores)
    return comparer.result()


@torch.no_grad()
def levels_equal_to_trained(
    network: QuantisedNetwork, dataset: Dataset, ann: AnnResult, config: Configuration
) -> dict[str, float]:
    """Share of the levels of each hidden layer, over the test part, that rounding and single precision left as they were."""
    values = pixel_levels(dataset.test.images, config.input.bits).flatten(1).float() / network.input_levels
    shares = {}
    for layer, (name, rounded) in zip(network.hidden, ann.levels.items(), strict=True):
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
            "neurons": layer.neuron.channels,
            "levels": layer.neuron.levels,
            "time_steps": layer.neuron.time_steps,
            "weight_bits": layer.synapses[0].weight_bits,
            "zero_weights": int((layer.synapses[0].weights == 0).sum()),
            "potential_bits": layer.neuron.potential_bits,
        }
        for layer in network.layers
    ]
