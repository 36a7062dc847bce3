"""Equality of two stages, value by value, with the first difference named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Difference:
    """Where two stages first differ; ``time_step`` is None for values that have none."""

    stage: str
    image: int
    layer: str
    time_step: int | None
    neuron: int
    expected: int
    got: int

    def __str__(self) -> str:
        step = "" if self.time_step is None else f" time step {self.time_step}"
        return (
            f"{self.stage}: image {self.image} layer {self.layer}{step} neuron {self.neuron}:"
            f" expected {self.expected}, got {self.got}"
        )


@dataclass(frozen=True)
class Comparison:
    """Values compared between two stages, mismatches, and the first of them."""

    stage: str
    frames: int
    values: int
    mismatches: int
    first: Difference | None
    by_layer: dict[str, int]

    @property
    def equal(self) -> bool:
        """True where something was compared and nothing differed."""
        return self.values > 0 and self.mismatches == 0

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "frames": self.frames,
            "values": self.values,
            "mismatches": self.mismatches,
            "by_layer": self.by_layer,
            "first": None if self.first is None else str(self.first),
        }


def joined(parts: Sequence[Comparison]) -> Comparison:
    """One comparison of the same stage whose frames were looked at in portions, in their order.

    Raises:
        ValueError: nothing was compared.
    """
    if not parts:
        raise ValueError("no comparison to join")
    return Comparison(
        stage=parts[0].stage,
        frames=sum(part.frames for part in parts),
        values=sum(part.values for part in parts),
        mismatches=sum(part.mismatches for part in parts),
        first=next((part.first for part in parts if part.first is not None), None),
        by_layer={name: sum(part.by_layer[name] for part in parts) for name in parts[0].by_layer},
    )


class Comparer:
    """Collects comparisons of arrays in the order of the layers, so that the first difference is the earliest one."""

    def __init__(self, stage: str, first_image: int = 0) -> None:
        self._stage = stage
        self._first_image = first_image
        self._frames = 0
        self._values = 0
        self._by_layer: dict[str, int] = {}
        self._first: Difference | None = None

    def add(self, layer: str, expected: Values, got: Values) -> None:
        """Compare two arrays, (frames, neurons) or (time steps, frames, neurons).

        Raises:
            ValueError: the shapes differ, which is a fault of the caller and never a verdict.
        """
        if expected.shape != got.shape:
            raise ValueError(f"{self._stage}: layer {layer} has shape {got.shape}; expected {expected.shape}")
        self._frames = max(self._frames, expected.shape[-2])
        self._values += expected.size
        unequal = expected != got
        mismatches = int(np.count_nonzero(unequal))
        self._by_layer[layer] = self._by_layer.get(layer, 0) + mismatches
        if mismatches and self._first is None:
            self._first = self._difference(layer, expected, got, unequal)

    def _difference(self, layer: str, expected: Values, got: Values, unequal: Values) -> Difference:
        frames_first = np.moveaxis(unequal, -2, 0)
        index = np.argwhere(frames_first)[0]
        image, neuron = int(index[0]), int(index[-1])
        step = int(index[1]) if expected.ndim == 3 else None
        where = (image, neuron) if step is None else (step, image, neuron)
        return Difference(self._stage, self._first_image + image, layer, step, neuron, int(expected[where]), int(got[where]))

    def result(self) -> Comparison:
        """The comparison so far."""
        mismatches = sum(self._by_layer.values())
        return Comparison(self._stage, self._frames, self._values, mismatches, self._first, dict(self._by_layer))
