"""What the configuration chooses of every layer: its engine and its lanes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from model.base.errors import UserError
from model.base.files import read_json
from model.config.schema import HardwareSection
from model.integer_network import Layer, Network
from rtl.link_plan import is_map
from rtl.map_plan import choose_banks

LARGEST_AUTOMATIC_LANES = 128
LARGEST_AUTOMATIC_MAP_LANES = 384
"""So many, since a map needs a lane for each channel and place of the window to take an event in one cycle."""


def chosen_folding(hardware: HardwareSection, fold: Path) -> tuple[str | Sequence[str], str | int | Sequence[int]]:
    """Engines and lanes: what the fold step chose where there is a target, else what the configuration says."""
    if hardware.effective_target == "off":
        return hardware.engine, hardware.parallelism
    chosen = read_json(fold / "fold.json")["layers"]
    return [layer["engine"] for layer in chosen], [layer["lanes"] for layer in chosen]


def resolve_engines(network: Network, engine: str | Sequence[str]) -> list[str]:
    """Engine of every layer: ``event``, ``unrolled`` or ``auto``, one for all layers or one each.

    Raises:
        UserError: a list of another length than the layers.
    """
    layers = network.layers
    engines = [engine] * len(layers) if isinstance(engine, str) else list(engine)
    if len(engines) != len(layers):
        raise UserError(
            f"hardware.engine is {engines}; it needs one engine for each of the {len(layers)} layers"
            f" ({', '.join(layer.name for layer in layers)}), or a single one"
        )
    return engines


def resolve_parallelism(network: Network, parallelism: str | int | Sequence[int]) -> list[int]:
    """Lanes of every layer.

    Args:
        network: the integer network.
        parallelism: ``"auto"`` (one lane a neuron, at most 128; in a map one for each channel and place of the window, at most
            384), one number for all layers, or one each; more lanes than there is use for are reduced.

    Raises:
        UserError: a list of another length than the layers.
    """
    layers = network.layers
    if isinstance(parallelism, str):
        maps = [is_map(network, layer) for layer in layers]
        wanted = [LARGEST_AUTOMATIC_MAP_LANES if found else LARGEST_AUTOMATIC_LANES for found in maps]
    elif isinstance(parallelism, int):
        wanted = [parallelism] * len(layers)
    else:
        wanted = list(parallelism)
    if len(wanted) != len(layers):
        raise UserError(
            f"hardware.parallelism is {wanted}; it needs one number for each of the {len(layers)} layers"
            f" ({', '.join(layer.name for layer in layers)}), or a single number, or 'auto'"
        )
    return [_useful_lanes(network, layer, lanes) for layer, lanes in zip(layers, wanted, strict=True)]


def _useful_lanes(network: Network, layer: Layer, lanes: int) -> int:
    if not is_map(network, layer):
        return min(lanes, layer.neuron.neurons)
    banks = choose_banks(network, layer, lanes)
    return banks.lanes * banks.count
