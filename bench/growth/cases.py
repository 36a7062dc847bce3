"""Small cores that differ in one size at a time, and the networks in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from model.golden import input_levels
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Synapses,
    WireCode,
    verify_network,
    with_proved_widths,
)
from model.integer_network.structure import INPUT
from sim.random_neurons import NeuronShape, draw_neuron, draw_readout

INPUTS, CLASSES, WEIGHT_BITS, INPUT_BITS = 256, 10, 4, 2
_MOST_NEURONS = 128
_DENSITY = 0.4
_CALIBRATION_FRAMES = 64
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Case:
    """One core.

    Attributes:
        neurons: N, of the hidden layer.
        lanes: P, of the hidden layer; the readout has one a class.
        levels: L, of the hidden layer.
        code: wire code of the hidden layer.
        densities: share of the pixels that are not black, in turn for the frames.
        frames: that are simulated.
    """

    neurons: int = 64
    lanes: int = 8
    levels: int = 3
    code: str = "bits"
    densities: tuple[float, ...] = (_DENSITY,)
    frames: int = 24

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"densities": list(self.densities)}


BASE = Case()
SPIKE_RATE = replace(BASE, densities=tuple(step / 10 for step in range(11)), frames=88)
SERIES: dict[str, dict[int, Case]] = {
    "N": {neurons: replace(BASE, neurons=neurons) for neurons in (16, 32, 48, 64, 96, 128)},
    "P": {lanes: replace(BASE, lanes=lanes) for lanes in (1, 2, 4, 8, 16, 32)},
    "L": {levels: replace(BASE, levels=levels) for levels in (1, 3, 7, 15, 31, 63)},
    "T": {steps: replace(BASE, levels=steps, code="unary") for steps in (1, 2, 4, 8, 16, 24)},
}
"""By what is varied: neurons, lanes, levels in bits (log2(L + 1) time steps), time steps of a unary train (as many as levels)."""


def all_cases() -> Iterator[Case]:
    """Every core once."""
    yield from dict.fromkeys([SPIKE_RATE, *(case for series in SERIES.values() for case in series.values())])


def network_of(case: Case, seed: int) -> Network:
    """The network of a case: the weights of smaller ones are the first rows of those of larger ones."""
    encoder = Encoder((INPUTS,), INPUT_BITS, InputCode.BITS)
    hidden, readout = _weights(seed)
    hidden, readout = hidden[: case.neurons], readout[:, : case.neurons]
    activity = input_levels(pixels_of(replace(BASE, frames=_CALIBRATION_FRAMES), seed + 1), encoder).astype(np.int64)
    charge = (activity @ hidden.T).astype(np.float64)
    neuron = draw_neuron(np.random.default_rng(seed), charge, NeuronShape(WireCode(case.code), case.levels))
    layers = (
        Layer("hidden1", (Synapses(INPUT, hidden, WEIGHT_BITS),), neuron),
        Layer("readout", (Synapses("hidden1", readout, WEIGHT_BITS),), draw_readout(np.random.default_rng(seed), CLASSES, 1)),
    )
    return verify_network(with_proved_widths(Network("growth", "pascal", encoder, layers)))


@cache
def _weights(seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    generator = np.random.default_rng(seed)
    largest = (1 << (WEIGHT_BITS - 1)) - 1
    shapes = ((_MOST_NEURONS, INPUTS), (CLASSES, _MOST_NEURONS))
    hidden, readout = (generator.integers(-largest, largest + 1, size=shape).astype(np.int64) for shape in shapes)
    return hidden, readout


def pixels_of(case: Case, seed: int) -> Pixels:
    """(frames, inputs): each pixel is noise with the density of the frame, else black."""
    generator = np.random.default_rng(seed)
    density = np.resize(np.array(case.densities), case.frames)[:, None]
    noise = generator.integers(0, 256, size=(case.frames, INPUTS))
    return np.where(generator.random((case.frames, INPUTS)) < density, noise, 0).astype(np.uint8)
