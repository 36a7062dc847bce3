"""Links of a core: who sends to whom, and the fields of their events."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from model.integer_network import Layer, Network, Shape, Synapses
from model.integer_network.structure import INPUT
from rtl.widths import channel_bits, index_bits


@dataclass(frozen=True)
class LinkPlan:
    """A link: from the encoder or a layer to one group of synapses of a layer.

    Attributes:
        source: ``"input"`` or a layer.
        target: the layer that takes its events.
        map: of the source; one position where events are addressed by the channel alone.
        channel_bits: width of the channel.
        row_bits: width of the row, 0 where there is one position.
        column_bits: width of the column, 0 where there is one position.
        signed: it carries negative spikes.
        magnitude_bits: width of the magnitude; 1 where it is always one.
        pooling: of a dense layer behind a map, whose inputs are looked up by row and column; else None.
        planes: a transfer is a whole time step and not an event: to an unrolled layer, from anything but a map.
    """

    source: str
    target: str
    map: Shape
    channel_bits: int
    row_bits: int
    column_bits: int
    signed: bool
    magnitude_bits: int
    pooling: tuple[int, int] | None
    planes: bool = False

    @property
    def address_bits(self) -> int:
        """Width of {row, column, channel}."""
        return self.row_bits + self.column_bits + self.channel_bits

    @property
    def is_map(self) -> bool:
        """True where events have a row and a column."""
        return self.row_bits > 0

    @property
    def wired(self) -> bool:
        """True where rows and columns are powers of two, so that the number of a pixel holds them bit for bit."""
        rows, columns = self.map.positions
        return rows & (rows - 1) == 0 and columns & (columns - 1) == 0 and min(rows, columns) > 1


def is_map(network: Network, layer: Layer) -> bool:
    """True for what the engine of maps builds: convolutions, pooled neurons, and hidden layers of several sources or readers."""
    if layer is network.readout:
        return False
    pooled = layer.max_pooling is not None
    return pooled or layer.synapses[0].is_convolution or len(layer.synapses) > 1 or len(network.readers(layer.name)) > 1


def has_maps(network: Network) -> bool:
    """True where a layer is built as a map."""
    return any(is_map(network, layer) for layer in network.layers)


def plan_links(network: Network, unrolled: AbstractSet[str] = frozenset()) -> tuple[LinkPlan, ...]:
    """A link for each group of synapses, in the order of the network; ``unrolled`` names the unrolled layers."""
    return tuple(_plan_link(network, layer, group, unrolled) for layer in network.layers for group in layer.synapses)


def _plan_link(network: Network, layer: Layer, group: Synapses, unrolled: AbstractSet[str]) -> LinkPlan:
    source = network.source_map(group.source)
    dense = not is_map(network, layer)
    if dense and group.source == INPUT and group.pooling == (1, 1):
        source = Shape(source.size)
    single = source.positions == (1, 1)
    arriving = network.source_wire_range(group.source)
    return LinkPlan(
        source=group.source,
        target=layer.name,
        map=source,
        channel_bits=channel_bits(source.channels) if single else index_bits(source.channels),
        row_bits=0 if single else index_bits(source.rows),
        column_bits=0 if single else index_bits(source.columns),
        signed=arriving[0] < 0,
        magnitude_bits=magnitude_bits(arriving),
        pooling=group.pooling if dense and not single else None,
        planes=layer.name in unrolled and (group.source == INPUT or not is_map(network, network.layer(group.source))),
    )


def magnitude_bits(wire_range: tuple[int, int]) -> int:
    """Width of the magnitude of values in a range, at least 1."""
    return max(wire_range[1], -wire_range[0], 1).bit_length()
