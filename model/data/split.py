"""Which images are held out: the same in every run, from every class alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

VALIDATION_EVERY = 10
"""Of the training images of a class, in their order, every tenth is for validation."""

TEST_EVERY = 5
"""Of the images of a class, where a data set has no test part of its own, every fifth is for the test."""


def every_nth_of_each_class(labels: npt.NDArray[np.generic], n: int) -> npt.NDArray[np.bool_]:
    """(images,) true for the n-th, 2n-th, … image of every class, in the order of ``labels``.

    No random numbers: no library's generator decides which images are held out.
    """
    chosen = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        chosen[np.flatnonzero(labels == label)[n - 1 :: n]] = True
    return chosen
