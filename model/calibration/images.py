"""The images that calibration sees: some of the training part, drawn by the seed."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from model.config.schema import Configuration
from model.data import Dataset
from model.training.loop import pixel_levels


def calibration_images(config: Configuration, dataset: Dataset) -> Tensor:
    """Inputs in activations, (images, channels), of ``conversion.calibration_images`` training images, all where there are fewer.

    Validation images select and test images report: neither is among them.
    """
    images = dataset.train.images
    generator = np.random.default_rng(config.training.seed)
    chosen = generator.permutation(len(images))[: config.conversion.calibration_images]
    return inputs_of(images[chosen], config.input.bits)


def inputs_of(images: np.ndarray, bits: int) -> Tensor:
    """Activations (images, channels) in single precision that uint8 images become: their input levels over the largest level."""
    return pixel_levels(images, bits).flatten(1).float() / ((1 << bits) - 1)
