"""Data and configurations small enough to train in a second."""

from pathlib import Path
from typing import Any

import numpy as np

from model.config import Configuration
from model.data import Dataset, Part, save_dataset


def small_dataset(seed: int = 0) -> Dataset:
    """Three classes of 4x5 images: one bright bar each, on noise."""
    generator = np.random.default_rng(seed)

    def part(images: int) -> Part:
        labels = (np.arange(images) % 3).astype(np.uint8)
        pixels = generator.integers(0, 120, (images, 4, 5), dtype=np.uint8)
        pixels[np.arange(images), labels] += 100
        return Part(pixels, labels)

    return Dataset(part(96), part(30), part(36), 3)


def small_data(folder: Path, seed: int = 0) -> Path:
    """The folder of a data step."""
    save_dataset(small_dataset(seed), folder / "dataset.npz")
    return folder


def small_configuration(**sections: dict[str, Any]) -> Configuration:
    """Two hidden layers, 3-bit input, four epochs; keyword arguments change keys of the sections."""
    table: dict[str, Any] = {
        "name": "small",
        "input": {"bits": 3},
        "network": {"hidden": [9, 7], "levels": [3, 5], "weight_bits": [4, 3, 5]},
        "training": {"epochs": 4, "batch_size": 32, "learning_rate": 0.02, "seed": 7},
    }
    for section, changes in sections.items():
        table[section] = table.get(section, {}) | changes
    return Configuration(**table)
