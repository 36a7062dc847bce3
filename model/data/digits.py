"""The 8x8 handwritten digits that ship inside scikit-learn: real data without a download."""

from __future__ import annotations

import hashlib

import numpy as np

from model.data.dataset import Dataset, Part

CLASSES = 10
_TEST_IMAGES = 360
_VALIDATION_IMAGES = 180
_SPLIT_SEED = 0


def load_digits() -> tuple[Dataset, dict[str, str]]:
    """The data set and the MD5 of its pixels and labels.

    The grey values are 0..16; a pixel is 16 times that, held at 255, so that the top four bits of a pixel are the grey value
    (16 becomes 15). The split of the 1,797 images into 1,257, 180 and 360 is stratified by label and always the same.
    """
    from sklearn.datasets import load_digits as bundled_digits

    bundle = bundled_digits()
    images = np.minimum(bundle.images.astype(np.int64) * 16, 255).astype(np.uint8)
    labels = bundle.target.astype(np.uint8)
    rest, test = _stratified(np.arange(len(labels)), labels, _TEST_IMAGES)
    train, validation = _stratified(rest, labels, _VALIDATION_IMAGES)
    parts = [Part(images[index], labels[index]) for index in (train, validation, test)]
    checksums = {"sklearn digits": hashlib.md5(images.tobytes() + labels.tobytes(), usedforsecurity=False).hexdigest()}
    return Dataset(parts[0], parts[1], parts[2], CLASSES), checksums


def _stratified(indices: np.ndarray, labels: np.ndarray, held_out: int) -> tuple[np.ndarray, np.ndarray]:
    """Split indices, in ascending order, so that every label has its share of the ``held_out`` ones."""
    from sklearn.model_selection import train_test_split

    kept, taken = train_test_split(indices, test_size=held_out, random_state=_SPLIT_SEED, stratify=labels[indices])
    return np.sort(kept), np.sort(taken)
