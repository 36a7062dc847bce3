"""What cycles and LUT are expected to be linear in, for everything that is varied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.growth.cases import BASE, Case, network_of, pixels_of
from bench.growth.fit import Line, line_through
from model.golden import simulate
from model.golden.frames import events_of_frames
from model.integer_network.structure import IntArray

Figures = list[float]


@dataclass(frozen=True)
class Law:
    """A figure is ``slope`` times an amount plus ``start``.

    Attributes:
        unit: of the amount, in the singular.
        amount: from a value of what is varied.
    """

    unit: str
    amount: Callable[[float], float]

    def fit(self, values: Figures, figures: Figures) -> Line:
        """The line through measured figures."""
        return line_through([self.amount(value) for value in values], figures)


def _itself(value: float) -> float:
    return value


def _passes(lanes: float) -> float:
    return float(-(-BASE.neurons // int(lanes)))


def _bits(levels: float) -> float:
    return float(int(levels).bit_length())


_NEURONS, _LANES, _STEPS = Law("neuron", _itself), Law("lane", _itself), Law("time step", _itself)
_PASSES, _BITS = Law("pass of an event", _passes), Law("bit of a level", _bits)
LAWS: dict[str, dict[str, Law]] = {
    "N": {"latency": _NEURONS, "interval": _NEURONS, "lut": _NEURONS},
    "P": {"latency": _PASSES, "interval": _PASSES, "lut": _LANES},
    "L": {"latency": _BITS, "interval": _BITS, "lut": _BITS},
    "T": {"latency": _STEPS, "interval": _STEPS, "lut": _BITS},
}
"""By what is varied and figure. An event takes ⌈N / P⌉ passes, levels in planes have as many steps as bits."""

ROW_PASS = Law("row pass", _itself)


def row_passes(case: Case, seed: int) -> IntArray:
    """(frames,): events of every link times the passes that one takes in the layer that receives it, in the readout one."""
    golden = simulate(network_of(case, seed), pixels_of(case, seed))
    passes = -(-case.neurons // case.lanes)
    received = events_of_frames(golden.input_spikes) * passes + events_of_frames(golden.layers["hidden1"].spikes)
    return np.asarray(received, dtype=np.int64)
