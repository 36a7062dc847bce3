"""One network of a project: its lanes and the names of its nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hls.map_layout import channels_last
from model.integer_network import Network
from model.integer_network.structure import INPUT


@dataclass(frozen=True, eq=False)
class Chain:
    """One network in a project.

    Attributes:
        network: the integer network.
        lanes: neurons of each layer that work at once.
        prefix: what the names of its nodes begin with; empty where it is alone.
    """

    network: Network
    lanes: dict[str, int]
    prefix: str = ""

    @property
    def pixels(self) -> str:
        """The node that takes the pixels."""
        return f"{self.prefix}pixels"

    @property
    def sources(self) -> list[str]:
        """The encoder (``"input"``) and the layers."""
        return [INPUT, *(layer.name for layer in self.network.layers)]

    def inputs(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Frames (frames, …) as the top function takes them: flat, row by row, the colours of a pixel side by side."""
        return channels_last(pixels.reshape(len(pixels), -1), self.network.encoder.map)

    def node(self, source: str) -> str:
        """The node of a layer or of the encoder; ``layer_`` keeps it apart from names that hls4ml reserves."""
        return f"{self.prefix}layer_{source}"

    def fork(self, source: str, number: int) -> str:
        """The node of a source's fork; what comes before the layer's name keeps it apart from all layers."""
        return f"{self.prefix}fork{number}_{source}"

    def fork_output(self, source: str, number: int, which: str) -> str:
        """One of the two copies that a fork makes, ``first`` or ``second``."""
        return f"{self.prefix}{which}{number}_{source}"


def chains_of(networks: Sequence[Network], lanes: Sequence[dict[str, int]]) -> tuple[Chain, ...]:
    """Networks with their parallelism, named apart where there are several."""
    several = len(networks) > 1
    return tuple(
        Chain(network, of_network, f"network{index}_" if several else "")
        for index, (network, of_network) in enumerate(zip(networks, lanes, strict=True))
    )
