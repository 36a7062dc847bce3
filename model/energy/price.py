"""The price of some work by one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from model.energy.tables import Line, Table
from model.energy.work import LayerWork


@dataclass(frozen=True)
class Price:
    """Energy of a whole network in pJ per frame.

    Attributes:
        layers: the lines of every layer, over all frames.
        frames: frames that were counted.
    """

    layers: dict[str, tuple[Line, ...]]
    frames: int

    @property
    def total(self) -> float:
        """Energy of a frame."""
        return self._sum(self._lines())

    @property
    def per_spike(self) -> float:
        """The part of ``total`` that grows with the number of spikes."""
        return self._sum(line for line in self._lines() if line.per_spike)

    @property
    def fixed(self) -> float:
        """The part of ``total`` that a silent network would cost as well."""
        return self._sum(line for line in self._lines() if not line.per_spike)

    def as_dict(self) -> dict[str, object]:
        """Totals, groups and every line of every layer, for JSON."""
        groups = dict.fromkeys((line.group for line in self._lines()), 0.0)
        for line in self._lines():
            groups[line.group] += line.picojoules / self.frames
        return {
            "total": self.total,
            "groups": groups,
            "layers": {
                name: {line.label: line.picojoules / self.frames for line in lines} for name, lines in self.layers.items()
            },
        }

    def _lines(self) -> list[Line]:
        return [line for lines in self.layers.values() for line in lines]

    def _sum(self, lines: Iterable[Line]) -> float:
        return sum(line.picojoules for line in lines) / self.frames


def price(work: Iterable[LayerWork], table: Table, frames: int) -> Price:
    """Price the work that was counted over ``frames`` frames."""
    return Price({layer.name: table.lines(layer) for layer in work}, frames)
