"""Portions of images whose levels fit into memory."""

from __future__ import annotations

from collections.abc import Iterator

from model.integer_network import Network

# Levels and sums of one chunk, 64 bits each; the working memory is a small multiple of them.
_VALUES_AT_ONCE = 8_000_000


def chunks(network: Network, images: int) -> Iterator[slice]:
    """Images in portions whose levels and sums fit into memory, whatever the size of the maps."""
    widest = max(network.potential_map(layer).size for layer in network.layers)
    at_once = max(1, _VALUES_AT_ONCE // max(network.encoder.neurons, widest + network.neurons))
    for first in range(0, images, at_once):
        yield slice(first, min(first + at_once, images))
