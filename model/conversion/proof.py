"""The rounded ANN against the integer reference on a whole part of the data, a few images at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from model.base.progress import progress
from model.compare import Comparer, Comparison, joined
from model.conversion.chunks import chunks
from model.conversion.evaluated import AnnResult, RoundedNetwork
from model.data import Part
from model.golden import input_levels
from model.integer_network import Network
from model.reference import ReferenceResult, evaluate_reference
from model.training.network import QuantisedNetwork

Classes = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Proof:
    """What one part of the data showed.

    Attributes:
        ann: classes of the rounded ANN, (images,).
        reference: classes of the integer reference, (images,).
        comparison: every level of every layer, and the scores.
        equal_to_trained: share of the levels of each hidden layer that rounding and single precision left as they were
            trained; empty where that was not asked for.
    """

    ann: Classes
    reference: Classes
    comparison: Comparison
    equal_to_trained: dict[str, float]


def prove(network: Network, rounded: RoundedNetwork, part: Part, trained: QuantisedNetwork | None = None) -> Proof:
    """Evaluate both on all images of a part, in bounded memory.

    Args:
        network: a verified integer network.
        rounded: the ANN that it stands for.
        part: of the data.
        trained: the network that it was converted from, with the same levels, in evaluation mode.
    """
    ann, reference, comparisons = [], [], []
    equal = {layer.name: 0 for layer in network.hidden} if trained is not None else {}
    images = len(part.labels)
    with progress(images, "comparing ANN and reference", "images") as shown:
        for chosen in chunks(network, images):
            levels = input_levels(part.images[chosen], network.encoder)
            by_ann, by_reference = rounded.evaluate(levels), evaluate_reference(network, levels)
            comparisons.append(compare_ann(by_reference, by_ann, chosen.start))
            ann.append(by_ann.classes)
            reference.append(by_reference.classes)
            if trained is not None:
                _count_equal(equal, trained, levels, by_ann)
            shown.advance(len(levels))
    shares = {name: count / (images * network.layer(name).neuron.neurons) for name, count in equal.items()}
    return Proof(np.concatenate(ann), np.concatenate(reference), joined(comparisons), shares)


def ann_classes(network: Network, rounded: RoundedNetwork, part: Part) -> Classes:
    """Classes of the rounded ANN alone, (images,), in bounded memory."""
    images, classes = len(part.labels), []
    with progress(images, "validation accuracy of the ANN", "images") as shown:
        for chosen in chunks(network, images):
            classes.append(rounded.evaluate(input_levels(part.images[chosen], network.encoder)).classes)
            shown.advance(chosen.stop - chosen.start)
    return np.concatenate(classes)


def compare_ann(reference: ReferenceResult, ann: AnnResult, first_image: int = 0) -> Comparison:
    """Every level of every layer, and the scores."""
    comparer = Comparer("ann_vs_reference", first_image)
    for name, levels in reference.levels.items():
        comparer.add(name, levels, ann.levels[name])
    comparer.add("readout", reference.scores, ann.scores)
    return comparer.result()


@torch.no_grad()
def _count_equal(equal: dict[str, int], trained: QuantisedNetwork, levels: np.ndarray, ann: AnnResult) -> None:
    for layer, sent in trained.activations(torch.from_numpy(levels).float()):
        found = torch.round(sent / float(layer.unit)).flatten(1).numpy()
        equal[layer.plan.name] += int(np.count_nonzero(found == ann.levels[layer.plan.name]))
