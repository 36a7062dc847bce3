"""The AL metric of PASCAL (Ramesh and Srinivasan, TMLR 2025): how unevenly a layer uses its levels.

As the released code has it, which differs from the textbook's bimodality coefficient (that one *divides* by the last factor and
has (n − 1)² in it): histogram the layer's outputs into n bins; the bins that hold at least a share of 1/n of the samples are
*valid*; g and κ are skewness and excess kurtosis of the n bin *counts*:

    A = 1 − (valid − 1)/(n − 1)        AL = A · (g² + 1) · (κ + 3n²/((n − 2)(n − 3)))
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BINS = 5


def al_metric(outputs: npt.NDArray[np.floating], bins: int = BINS) -> float:
    """AL of a layer's outputs.

    Args:
        outputs: any shape, any unit; the bins cover the range from the smallest to the largest of them.
        bins: n, at least 4.
    """
    counts, _ = np.histogram(outputs, bins)
    return al_of_counts(counts)


def al_of_counts(counts: npt.NDArray[np.integer]) -> float:
    """AL of the counts of the n bins, n at least 4; where all counts are equal, skewness and excess kurtosis are 0 and −3.

    Raises:
        ValueError: fewer than 4 bins, where the last factor has no value.
    """
    n = len(counts)
    if n < 4:
        raise ValueError(f"{n} bins: the AL metric needs at least 4")
    valid = int((counts * n >= counts.sum()).sum())
    skewness, kurtosis = _shape_of(counts.astype(np.float64))
    return (1 - (valid - 1) / (n - 1)) * (skewness**2 + 1) * (kurtosis + 3 * n**2 / ((n - 2) * (n - 3)))


def _shape_of(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Skewness and excess kurtosis, population moments, as SciPy has them by default."""
    centred = values - values.mean()
    variance = float((centred**2).mean())
    if variance == 0:
        return 0.0, -3.0
    return float((centred**3).mean()) / variance**1.5, float((centred**4).mean()) / variance**2 - 3
