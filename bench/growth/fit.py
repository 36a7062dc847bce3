"""Straight lines through measured figures, and how far the farthest one is from its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Line:
    """The line of least squares.

    Attributes:
        slope: of one step of what is varied.
        start: at 0.
        largest_residual: magnitude of the largest distance of a figure from the line, in units of the figure.
        largest_residual_share: the same as a share of the figure itself.
        explained: share of the variance.
    """

    slope: float
    start: float
    largest_residual: float
    largest_residual_share: float
    explained: float

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON."""
        return asdict(self)


def line_through(places: Sequence[float], figures: Sequence[float]) -> Line:
    """Fit a line.

    Args:
        places: values of what is varied, at least two different ones.
        figures: measured there, none of them 0.
    """
    x, y = np.asarray(places, dtype=np.float64), np.asarray(figures, dtype=np.float64)
    slope, start = np.polyfit(x, y, 1)
    left = np.abs(y - (slope * x + start))
    variance = float(np.var(y))
    explained = 1.0 if variance == 0 else 1 - float(np.mean(left**2)) / variance
    return Line(float(slope), float(start), float(left.max()), float((left / y).max()), explained)
