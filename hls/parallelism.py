"""How many channels of a layer work at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from model.base.errors import UserError
from model.integer_network import Network

LARGEST_AUTOMATIC = 128


def resolve_parallelism(choice: Literal["auto"] | int | Sequence[int], network: Network) -> dict[str, int]:
    """Lanes of every layer, hidden layers and readout, never more than it has channels, which are neurons where it is no map.

    Args:
        choice: ``hls.parallelism`` of the configuration: one number for all layers, a list with one a layer, or
            ``"auto"``, the fewest lanes that need no more passes over the channels than 128 lanes do.
        network: the integer network.

    Raises:
        UserError: a list of another length.
    """
    channels = {layer.name: layer.neuron.channels for layer in network.layers}
    if choice == "auto":
        return {name: _automatic(count) for name, count in channels.items()}
    if isinstance(choice, int):
        return {name: min(choice, count) for name, count in channels.items()}
    if isinstance(choice, str) or len(choice) != len(channels):
        values = 1 if isinstance(choice, str) else len(choice)
        raise UserError(
            f"hls.parallelism has {values} values, the network has {len(channels)} layers ({', '.join(channels)});"
            ' give one number, a list with one a layer, or "auto"'
        )
    return {name: min(lanes, count) for lanes, (name, count) in zip(choice, channels.items(), strict=True)}


def _automatic(channels: int) -> int:
    passes = -(-channels // LARGEST_AUTOMATIC)
    return -(-channels // passes)
