"""The rule that turns the AL metric into a level count for every layer.

The paper's own rule was not readable and is not in its code; this one is ours. Every layer starts with ``network.levels``. The
layers are visited in the order of their AL metric, the most uneven first; each gives up half of its levels (rounded up) as often
as the network, read with these levels and not yet fine-tuned, stays within ``BOUND`` of the accuracy that it started with on the
validation part. The clips stay as they are. Fine-tuning then regains what the reductions took.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from model.base.progress import progress
from model.config.schema import Configuration
from model.data import Dataset
from model.training.al_metric import BINS, al_metric
from model.training.loop import pixel_levels
from model.training.network import QuantisedNetwork, predict

BOUND = 0.001
"""Share of the validation images that reductions may cost before fine-tuning."""


def choose_levels(config: Configuration, dataset: Dataset, network: QuantisedNetwork) -> dict[str, Any]:
    """Levels of every hidden layer by the rule of this module.

    Args:
        config: for the input bits.
        dataset: only its validation part is looked at.
        network: trained with the levels to start from, in evaluation mode, on the CPU.

    Returns:
        ``levels`` of the hidden layers, ``metrics``, their AL, and ``tried``: layer (from 0), levels, accuracy, whether accepted.
    """
    images = pixel_levels(dataset.validation.images, config.input.bits).flatten(1)
    labels = torch.from_numpy(dataset.validation.labels)

    def accuracy(levels: list[int]) -> float:
        return float((predict(network.with_levels(levels), images) == labels).double().mean())

    metrics = layer_metrics(network, images)
    levels = [layer.levels for layer in network.layers()]
    least = accuracy(levels) - BOUND
    tried: list[dict[str, Any]] = []
    with progress(len(levels), "choosing levels", "layers") as shown:
        for layer in sorted(range(len(levels)), key=lambda index: -metrics[index]):
            while levels[layer] > 1:
                fewer = [*levels]
                fewer[layer] = -(-levels[layer] // 2)
                reached = accuracy(fewer)
                tried.append({"layer": layer, "levels": fewer[layer], "accuracy": reached, "accepted": reached >= least})
                if reached < least:
                    break
                levels = fewer
            shown.advance()
    return {"levels": levels, "metrics": metrics, "bins": BINS, "bound": BOUND, "tried": tried}


@torch.no_grad()
def layer_metrics(network: QuantisedNetwork, images: Tensor) -> list[float]:
    """The AL metric of every hidden layer's outputs.

    Args:
        network: in evaluation mode.
        images: input levels, (images, pixels).
    """
    return [al_metric(sent.numpy()) for _, sent in network.activations(images.to(next(network.parameters()).dtype))]
