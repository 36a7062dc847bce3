"""What is chosen of every layer, what the configuration leaves open, and everything that a layer may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from model.base.errors import UserError
from model.conversion.choose_codes import CANDIDATES
from model.integer_network import Layer, Network, NeuronMode
from rtl.core_settings import DEFAULT_SETTINGS, CoreSettings
from rtl.folding import resolve_engines, resolve_parallelism
from rtl.link_plan import is_map
from rtl.map_plan import full_banks
from rtl.unrolled_plan import check_unrolled

LARGEST_WIRED = 16_384
"""Weights of a layer that may be unrolled without being asked for: the sums of more take minutes to build."""
LARGEST_LANES = 4096


@dataclass(frozen=True, order=True)
class LayerChoice:
    """Engine, lanes and wire code of one layer; of an unrolled one the lanes are its neurons, of the readout the code is none."""

    engine: str
    lanes: int
    code: str

    def __str__(self) -> str:
        code = "" if self.code == "none" else f" {self.code}"
        return f"unrolled{code}" if self.engine == "unrolled" else f"{self.lanes} lanes{code}"


Choice = tuple[LayerChoice, ...]
"""Of every layer, the readout included."""


@dataclass(frozen=True)
class Given:
    """What the configuration says of a core; ``auto`` and None leave it open.

    Attributes:
        engines: of each layer ``event``, ``unrolled`` or ``auto``.
        lanes: of each layer.
        codes: of each hidden layer whether its code may be exchanged.
        settings: of the whole core.
    """

    engines: tuple[str, ...]
    lanes: tuple[int | None, ...]
    codes: tuple[bool, ...]
    settings: CoreSettings = DEFAULT_SETTINGS

    @classmethod
    def of(
        cls,
        network: Network,
        engine: str | Sequence[str] = "auto",
        parallelism: str | int | Sequence[int] = "auto",
        codes: Sequence[bool] | None = None,
        settings: CoreSettings = DEFAULT_SETTINGS,
    ) -> Given:
        """From the values of a configuration; ``codes`` None leaves the code of every deferred layer open.

        Raises:
            UserError: a list of another length than the layers.
        """
        engines = tuple(resolve_engines(network, engine))
        lanes: tuple[int | None, ...] = (None,) * len(network.layers)
        if not isinstance(parallelism, str):
            lanes = tuple(resolve_parallelism(network, parallelism))
        free = (True,) * len(network.hidden) if codes is None else tuple(codes)
        return cls(engines, lanes, free, settings)


def describe(network: Network, choice: Choice) -> str:
    """A choice in a line."""
    return ", ".join(f"{layer.name} {chosen}" for layer, chosen in zip(network.layers, choice, strict=True))


def as_dict(network: Network, choice: Choice) -> list[dict[str, Any]]:
    """A choice for JSON, layer by layer."""
    return [
        {"name": layer.name, "engine": chosen.engine, "lanes": chosen.lanes, "code": chosen.code}
        for layer, chosen in zip(network.layers, choice, strict=True)
    ]


def candidates(network: Network, given: Given) -> list[list[LayerChoice]]:
    """Of every layer what it may be, from the smallest number of lanes on.

    Raises:
        UserError: an engine that was asked for and cannot be built.
    """
    found = []
    for place, layer in enumerate(network.layers):
        codes = _codes(layer, given.codes[place] if place < len(given.codes) else False)
        built = [("event", lanes) for lanes in _lanes(network, layer, given.lanes[place])]
        if given.engines[place] == "unrolled" or _must_be_unrolled(network, given, place):
            check_unrolled(network, layer)
            built = [("unrolled", layer.neuron.neurons)]
        elif given.engines[place] == "auto" and _may_be_unrolled(network, layer):
            built.append(("unrolled", layer.neuron.neurons))
        found.append([LayerChoice(engine, lanes, code) for engine, lanes in built for code in codes])
    return found


def _codes(layer: Layer, free: bool) -> list[str]:
    if free and layer.neuron.mode is NeuronMode.DEFERRED:
        return [str(code) for code in CANDIDATES]
    return [str(layer.neuron.code)]


def _lanes(network: Network, layer: Layer, given: int | None) -> list[int]:
    if given is not None:
        return [given]
    return _map_lanes(network, layer) if is_map(network, layer) else lanes_by_groups(layer.neuron.neurons)


def _map_lanes(network: Network, layer: Layer) -> list[int]:
    """Lanes for the channels, then a row of a window in banks, then all of it."""
    channels = network.potential_map(layer).channels
    rows, columns = full_banks(network, layer)
    lanes = [*lanes_by_groups(channels), channels * columns, channels * columns * rows]
    return [number for number in sorted(set(lanes)) if number <= LARGEST_LANES]


def lanes_by_groups(neurons: int) -> list[int]:
    """The fewest lanes for 1, 2, 3, 4, 6, 8, 12, … groups; more lanes would make a layer larger and no faster."""
    groups = sorted({count for power in range(13) for count in (1 << power, 3 << power)})
    lanes = {-(-neurons // count) for count in groups}
    return sorted(number for number in lanes if number <= LARGEST_LANES)


def _may_be_unrolled(network: Network, layer: Layer) -> bool:
    try:
        check_unrolled(network, layer)
    except UserError:
        return False
    return sum(group.weights.size for group in layer.synapses) <= LARGEST_WIRED


def _must_be_unrolled(network: Network, given: Given, place: int) -> bool:
    """Whole frames are taken and given by unrolled layers alone; an engine that was asked for is left to ``plan_core``."""
    ends = (0, len(network.layers) - 1)
    return given.settings.port == "frame" and place in ends and given.engines[place] == "auto"
