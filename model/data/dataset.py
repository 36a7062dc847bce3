"""A data set in its fixed split, and its file on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model.base.errors import UserError
from model.base.files import UNREADABLE_ARCHIVE, replacing

PARTS = ("train", "validation", "test")

ByteArray = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Part:
    """Images and their labels.

    Attributes:
        images: uint8, 0..255, (images, rows, columns) where they are grey, else (images, 3, rows, columns), red first.
        labels: (images,) uint8, 0..classes − 1.
    """

    images: ByteArray
    labels: ByteArray


@dataclass(frozen=True, eq=False)
class Dataset:
    """The three parts: weights come from ``train``, decisions from ``validation``, reported figures from ``test``."""

    train: Part
    validation: Part
    test: Part
    classes: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one image: rows and columns, in front of them 3 where it has colours."""
        return tuple(int(size) for size in self.train.images.shape[1:])

    @property
    def counts(self) -> dict[str, int]:
        """Number of images of every part."""
        return {name: len(getattr(self, name).labels) for name in PARTS}


def save_dataset(dataset: Dataset, path: Path) -> None:
    """Write ``<part>_images``, ``<part>_labels`` and ``classes`` as one npz file, whole or not at all."""
    arrays: dict[str, npt.NDArray[np.generic]] = {"classes": np.array(dataset.classes)}
    for name in PARTS:
        part: Part = getattr(dataset, name)
        arrays |= {f"{name}_images": part.images, f"{name}_labels": part.labels}
    with replacing(path) as beside, beside.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)


def load_dataset(path: Path) -> Dataset:
    """Read what ``save_dataset`` wrote.

    Raises:
        UserError: missing or damaged.
    """
    try:
        with np.load(path) as archive:
            parts = {name: Part(archive[f"{name}_images"], archive[f"{name}_labels"]) for name in PARTS}
            return Dataset(**parts, classes=int(archive["classes"]))
    except UNREADABLE_ARCHIVE as error:
        raise UserError(f"{path}: no readable data set ({error}); run the data step again") from error
