"""Cores to measure, each from a name: maps of the regression, and dense layers of usual sizes such as the search chooses.

The dense networks of the regression are none of them: of corner cases with dead channels and constant scores next to nothing is
left, whatever their plan says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from model.base.errors import UserError
from model.integer_network import Encoder, InputCode, Network, WireCode
from rtl.core_plan import CorePlan, plan_core
from rtl.core_settings import CoreSettings
from rtl.link_plan import plan_links
from rtl.unrolled_plan import step_matrix
from sim.random_cases import case_of_name
from sim.random_maps import MAPS
from sim.random_networks import METHODS, Kind, draw_weights
from sim.random_neurons import NeuronShape, Start

SIZED = "sized"
"""Begins the name of the larger cores: dense layers of usual sizes, lanes that are powers of two."""
_INPUTS = (64, 64, 64, 144, 196, 784)
_NEURONS = (16, 24, 32, 48, 64, 96, 128)
_CODES = (WireCode.BITS, WireCode.UNARY, WireCode.COUNT)
_MOST_WIRED = 5000
_MOST_COMPARES = 400
"""Of a layer with thresholds wired in; yosys evaluates the constants of more in minutes."""


@dataclass(frozen=True, eq=False)
class Case:
    """A core to measure."""

    name: str
    network: Network
    lanes: list[int]
    engines: list[str]
    settings: CoreSettings

    def plan(self) -> CorePlan:
        """Its sizes."""
        return plan_core(self.network, self.lanes, self.engines, self.settings)


def case_names(count: int) -> Iterator[str]:
    """So many names, every third one a map."""
    for number in range(count):
        seed, kind = divmod(number, 3)
        yield f"{MAPS}-{seed}" if kind == 2 else f"{SIZED}-{2 * seed + kind}"


def case_of(name: str) -> Case:
    """The core of a name."""
    made_of, _, seed = name.rpartition("-")
    if made_of == SIZED:
        return _sized(int(seed))
    drawn = case_of_name(name)
    return Case(name, drawn.network, list(drawn.lanes), drawn.engines, drawn.settings)


def _sized(seed: int) -> Case:
    generator = np.random.default_rng([seed, 1])
    while True:
        try:
            network = _draw_network(generator, f"{SIZED}-{seed}")
        except UserError:
            continue
        break
    lanes = [int(min(1 << int(generator.integers(0, 8)), layer.neuron.neurons)) for layer in network.layers]
    engines = ["event"] * len(lanes)
    if network.encoder.code is not InputCode.DIRECT and generator.random() < 0.5:
        links = plan_links(network)
        for number, (layer, link) in enumerate(zip(network.layers, links, strict=True)):
            few = layer.neuron.neurons * (layer.neuron.levels - layer.neuron.lowest) <= _MOST_COMPARES
            if step_matrix(layer, link).size <= _MOST_WIRED and generator.random() < 0.7 and few:
                engines[number] = "unrolled"
    ends = engines[0] == engines[-1] == "unrolled"
    return Case(
        network.name, network, lanes, engines, CoreSettings(port="frame" if ends and generator.random() < 0.3 else "stream")
    )


def _draw_network(generator: np.random.Generator, name: str) -> Network:
    drawn = generator.random()
    kind = Kind.PASCAL if drawn < 0.7 else Kind.SIGNED if drawn < 0.85 else Kind.OPI
    steps = int(generator.choice((2, 3, 4, 8)))
    hidden = int(generator.integers(1, 3))
    bits = int(generator.choice((1, 1, 2, 2, 4)))
    unary = bits <= 2 and generator.random() < 0.2
    code = InputCode.DIRECT if kind is Kind.OPI else InputCode.UNARY if unary else InputCode.BITS
    return draw_weights(
        generator,
        name=name,
        method=METHODS[kind],
        encoder=Encoder((int(generator.choice(_INPUTS)),), bits, code),
        sizes=[int(generator.choice(_NEURONS)) for _ in range(hidden)],
        shapes=[_shape(generator, kind, steps) for _ in range(hidden)],
        classes=10,
    )


def _shape(generator: np.random.Generator, kind: Kind, steps: int) -> NeuronShape:
    levels = int(generator.choice((1, 2, 3, 3, 4, 7, 15)))
    if kind is Kind.OPI:
        return NeuronShape(WireCode.TRAIN, levels, time_steps=steps, start=Start.HALF)
    shape = NeuronShape(_CODES[int(generator.integers(len(_CODES)))], levels)
    return replace(shape, lowest=-levels) if kind is Kind.SIGNED else shape
