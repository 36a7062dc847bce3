"""How a layer of a map is built: banks, passes, tables and memories, derived from the integer network and its lanes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.base.errors import UserError
from model.integer_network import Layer, Network, Shape, Synapses, Window
from model.integer_network.structure import IntArray
from rtl.window_tables import Axis, ScanEntry, axis_of, reach, scan_of

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Banks:
    """Where the potentials of a map lie.

    The potential of channel c, row y, column x is in lane c mod ``lanes`` of a word of bank (y mod ``rows``, x mod ``columns``);
    the word is at (c div lanes) · ``group_words`` + (y div rows) · ``line_words`` + x div columns.
    """

    potentials: Shape
    lanes: int
    rows: int
    columns: int

    @property
    def count(self) -> int:
        """Number of banks."""
        return self.rows * self.columns

    @property
    def groups(self) -> int:
        """Words that the channels of one position take."""
        return -(-self.potentials.channels // self.lanes)

    @property
    def line_words(self) -> int:
        """Words of a row of a bank."""
        return -(-self.potentials.columns // self.columns)

    @property
    def group_words(self) -> int:
        """Words of a bank for one group of lanes."""
        return -(-self.potentials.rows // self.rows) * self.line_words

    @property
    def depth(self) -> int:
        """Words of a bank."""
        return self.groups * self.group_words

    @property
    def last_lanes(self) -> int:
        """Channels in the last group of lanes."""
        return self.potentials.channels - (self.groups - 1) * self.lanes


@dataclass(frozen=True, eq=False)
class SynapsePlan:
    """Synapses from one source to a map; linear ones are a convolution whose window is the whole map.

    Attributes:
        link: number of the link that they take.
        source: map of the source.
        weights: (channels, source channels of a group, rows, columns).
        split: groups of a grouped convolution.
        weight_bits: width of a weight.
        shifts: places that the weights of the first bit plane are shifted by.
        banks: of the potentials.
        rows: what the rows of the source reach.
        columns: what its columns reach.
        shared: all banks take the same weights, since a pass touches one of them.
    """

    link: int
    source: Shape
    weights: IntArray
    split: int
    weight_bits: int
    shifts: int
    banks: Banks
    rows: Axis
    columns: Axis
    shared: bool

    @property
    def reached_channels(self) -> int:
        """Channels that an event reaches at each position."""
        return len(self.weights) // self.split

    def groups_of(self, channel: int) -> range:
        """Groups of lanes that events of a source channel reach."""
        part = channel // self.weights.shape[1]
        first, last = part * self.reached_channels, (part + 1) * self.reached_channels - 1
        return range(first // self.banks.lanes, last // self.banks.lanes + 1)

    @property
    def group_passes(self) -> int:
        """Groups of lanes that an event of any channel reaches at most."""
        return max(len(self.groups_of(channel)) for channel in range(self.source.channels))

    @property
    def weight_banks(self) -> int:
        """Banks that a word of weights is for."""
        return 1 if self.shared else self.banks.count

    @property
    def row_weights(self) -> int:
        """Weights in a word."""
        return self.weight_banks * self.banks.lanes

    @property
    def group_weights(self) -> int:
        """Words of weights for one group of lanes."""
        return len(self.rows.turns) * len(self.columns.turns) * self.source.channels

    @property
    def weight_words(self) -> int:
        """Words of weights."""
        return self.group_passes * self.group_weights

    def passes(self) -> Int64:
        """Passes of an event of each neuron of the source, (channels, rows, columns)."""
        groups = np.array([len(self.groups_of(channel)) for channel in range(self.source.channels)], dtype=np.int64)
        rows, columns = (np.array([len(passes) for passes in axis.passes], dtype=np.int64) for axis in (self.rows, self.columns))
        return groups[:, None, None] * rows[:, None] * columns

    def touched(self) -> Int64:
        """Potentials in the words that an event of each neuron of the source reads, (channels, rows, columns)."""
        lanes = [self.banks.lanes] * (self.banks.groups - 1) + [self.banks.last_lanes]
        channels = [sum(lanes[group] for group in self.groups_of(channel)) for channel in range(self.source.channels)]
        rows, columns = (
            np.array([sum(word is not None for one in passes for word in one.words) for passes in axis.passes], dtype=np.int64)
            for axis in (self.rows, self.columns)
        )
        return np.array(channels, dtype=np.int64)[:, None, None] * rows[:, None] * columns


@dataclass(frozen=True, eq=False)
class MapPlan:
    """A layer of a map: its potentials, its synapses and its scan."""

    banks: Banks
    neurons: Shape
    pooling: Window | None
    synapses: tuple[SynapsePlan, ...]
    scan_rows: tuple[ScanEntry, ...]
    scan_columns: tuple[ScanEntry, ...]

    @property
    def words(self) -> int:
        """Words of levels."""
        return self.banks.groups * self.neurons.rows * self.neurons.columns

    @property
    def scan_cycles(self) -> int:
        """Cycles of one scan."""
        return self.banks.groups * len(self.scan_rows) * len(self.scan_columns)

    @property
    def cleared(self) -> int:
        """Potentials that a scan clears."""
        cleared = [sum(entry.clears for entry in entries) for entries in (self.scan_rows, self.scan_columns)]
        return self.banks.potentials.channels * cleared[0] * cleared[1]

    @property
    def scanned(self) -> int:
        """Potentials that a scan reads."""
        return self.banks.potentials.channels * len(self.scan_rows) * len(self.scan_columns)


def as_convolution(group: Synapses, source: Shape) -> tuple[IntArray, Window, int]:
    """Weights of four dimensions, window and groups; of linear synapses the window that covers the pooled map."""
    if group.is_convolution:
        return group.weights, group.window, group.groups
    pooled = group.pooled(source)
    return group.weights.reshape(-1, *pooled), Window((pooled.rows, pooled.columns), (1, 1)), 1


def full_banks(network: Network, layer: Layer) -> tuple[int, int]:
    """Banks along rows and columns with which everything that an event reaches is charged in one pass."""
    group = layer.synapses[0]
    _, window, _ = as_convolution(group, network.source_map(group.source))
    potentials = network.potential_map(layer)
    rows, columns = (
        min(reach(size, stride), count)
        for size, stride, count in zip(window.size, window.stride, potentials.positions, strict=True)
    )
    return rows, columns


def choose_banks(network: Network, layer: Layer, lanes: int) -> Banks:
    """Spread lanes over channels first; those that are left over charge a row of the window at a time, or all of it."""
    potentials = network.potential_map(layer)
    channels = min(lanes, potentials.channels)
    rows, columns = full_banks(network, layer)
    for banks in ((rows, columns), (1, columns)):
        if channels == potentials.channels and channels * banks[0] * banks[1] <= lanes:
            return Banks(potentials, channels, *banks)
    return Banks(potentials, channels, 1, 1)


def plan_map(network: Network, layer: Layer, lanes: int, links: tuple[int, ...]) -> MapPlan:
    """Plan a layer of a map.

    Args:
        network: the integer network.
        layer: deferred or causal.
        lanes: adders that it may have.
        links: number of the link of each of its sources.

    Raises:
        UserError: it has more than two sources.
    """
    banks = choose_banks(network, layer, lanes)
    if len(layer.synapses) > 2:
        raise UserError(
            f"layer {layer.name} adds {len(layer.synapses)} sources; the engine has links for two: add them in two layers"
        )
    neurons, window = layer.neuron.map, layer.max_pooling
    return MapPlan(
        banks=banks,
        neurons=neurons,
        pooling=window,
        synapses=tuple(_plan_synapses(network, group, banks, link) for group, link in zip(layer.synapses, links, strict=True)),
        scan_rows=scan_of(banks.potentials.rows, neurons.rows, banks.rows, window, 0),
        scan_columns=scan_of(banks.potentials.columns, neurons.columns, banks.columns, window, 1),
    )


def _plan_synapses(network: Network, group: Synapses, banks: Banks, link: int) -> SynapsePlan:
    source = network.source_map(group.source)
    weights, window, split = as_convolution(group, source)
    shared = all(reach(size, stride) == 1 for size, stride in zip(window.size, window.stride, strict=True))
    rows, columns = (
        axis_of(length, pooling, size, stride, padding, outputs, count)
        for length, pooling, size, stride, padding, outputs, count in zip(
            source.positions, group.pooling, window.size, window.stride, window.padding,
            banks.potentials.positions, (banks.rows, banks.columns), strict=True,
        )
    )  # fmt: skip
    if shared:
        rows, columns = _shared(rows), _shared(columns)
    return SynapsePlan(
        link=link,
        source=source,
        weights=weights,
        split=split,
        weight_bits=group.weight_bits,
        shifts=network.source_steps(group.source) - 1 if network.source_is_bits(group.source) else 0,
        banks=banks,
        rows=rows,
        columns=columns,
        shared=shared,
    )


def _shared(axis: Axis) -> Axis:
    """The same axis with one arrangement of the weights for each place in the window, whichever bank takes it."""
    places = [next(place for place in turn if place is not None) for turn in axis.turns]
    distinct = sorted(set(places))
    passes = tuple(tuple(type(one)(one.words, distinct.index(places[one.turn])) for one in passes) for passes in axis.passes)
    return Axis(passes, tuple((place,) for place in distinct), axis.banks)
