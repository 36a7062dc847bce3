"""Calibration sees training images only."""

from dataclasses import replace

import numpy as np
import torch

from model.calibration.images import calibration_images
from model.data import Dataset
from tests.model.calibration.small_networks import configuration
from tests.model.trained_networks import small_configuration, small_dataset


def _marked() -> Dataset:
    """Pixels 32..95 in training images, 160 in validation images, 224 in test images: levels 1..2, 5, 7 of three bits."""
    dataset = small_dataset()
    train = replace(dataset.train, images=(32 + dataset.train.images % 64).astype(np.uint8))
    validation = replace(dataset.validation, images=np.full_like(dataset.validation.images, 160))
    test = replace(dataset.test, images=np.full_like(dataset.test.images, 224))
    return replace(dataset, train=train, validation=validation, test=test)


def test_images_are_distinct_training_images_as_levels_of_the_input() -> None:
    chosen = calibration_images(configuration("parallel", "relu"), _marked())
    assert chosen.shape == (64, 20)
    levels = chosen * 7
    assert torch.equal(levels, torch.round(levels))
    assert set(levels.flatten().tolist()) == {1.0, 2.0}
    assert len(set(map(tuple, chosen.tolist()))) == 64


def test_all_training_images_where_more_are_asked_for() -> None:
    config = small_configuration(conversion={"calibration_images": 1000})
    assert len(calibration_images(config, small_dataset())) == 96


def test_the_seed_decides_which() -> None:
    first, second = (small_configuration(training={"seed": seed}, conversion={"calibration_images": 32}) for seed in (1, 2))
    assert torch.equal(calibration_images(first, small_dataset()), calibration_images(first, small_dataset()))
    assert not torch.equal(calibration_images(first, small_dataset()), calibration_images(second, small_dataset()))
