"""Untrained networks of fixed random weights, which calibration has as much to do with as with trained ones."""

from __future__ import annotations

from typing import Any

import torch

from model.config import Configuration
from model.training.activations import ActivationShape
from model.training.network import QuantisedNetwork
from tests.model.trained_networks import small_configuration, small_dataset

LEVELS = 4


def configuration(method: str, activation: str, levels: int = LEVELS, **conversion: Any) -> Configuration:
    """Three hidden layers for the 4x5 images of ``small_dataset``."""
    return small_configuration(
        network={"hidden": [12, 11, 9], "levels": levels, "weight_bits": 4, "activation": activation},
        conversion={"method": method, "calibration_images": 64, **conversion},
    )


def network(config: Configuration, kind: str, levels: int = 0, seed: int = 5) -> QuantisedNetwork:
    """In evaluation mode; batch norm has seen the training images."""
    torch.manual_seed(seed)
    shape = ActivationShape(kind).with_levels(levels, 1.0) if levels else ActivationShape(kind)
    built = QuantisedNetwork(config, (4, 5), 3, [shape] * 3)
    images = torch.from_numpy(small_dataset().train.images >> (8 - config.input.bits)).flatten(1).float()
    for _ in range(40):
        built(images)
    return built.eval()
