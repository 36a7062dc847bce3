"""What the modules of a map must look like, derived from the integer network and the lanes alone, coordinate by coordinate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from model.integer_network import Layer, Network, NeuronMode, Shape, Synapses, WireCode
from model.integer_network.structure import INPUT, IntArray
from rtl.audit.constants import Value
from rtl.audit.sizes import ExpectedInstance, ceiling, index_bits, level_bits, size_bits

Kernel = frozenset[tuple[int, int]]
"""Places of the window that banks take: (bank, place) each."""


@dataclass(frozen=True, eq=False)
class ExpectedLink:
    """A link: one group of synapses, numbered in the order of the network."""

    number: int
    layer: Layer
    place: int
    group: Synapses
    source: Shape
    arriving: tuple[int, int]

    @property
    def has_positions(self) -> bool:
        """Events have a row and a column."""
        return self.source.positions != (1, 1)

    @property
    def field_bits(self) -> tuple[int, int, int]:
        """Row, column, channel; without positions the channel alone, of three bits at least."""
        if not self.has_positions:
            return 0, 0, max(3, index_bits(self.source.channels))
        return index_bits(self.source.rows), index_bits(self.source.columns), index_bits(self.source.channels)

    @property
    def in_powers_of_two(self) -> bool:
        """The number of a pixel holds row and column bit for bit."""
        return all(size > 1 and size.bit_count() == 1 for size in self.source.positions)


def built_as_map(network: Network, layer: Layer) -> bool:
    """Convolutions, max pooling, several sources, several readers; never the readout."""
    if layer.neuron.mode is NeuronMode.READOUT:
        return False
    readers = sum(group.source == layer.name for other in network.layers for group in other.synapses)
    convolved = any(group.weights.ndim == 4 for group in layer.synapses)
    return convolved or layer.max_pooling is not None or len(layer.synapses) != 1 or readers != 1


def expected_links(network: Network) -> list[ExpectedLink]:
    """Every link of the core."""
    links: list[ExpectedLink] = []
    for layer in network.layers:
        for place, group in enumerate(layer.synapses):
            source = network.encoder.map if group.source == INPUT else network.layer(group.source).neuron.map
            flat = not built_as_map(network, layer) and group.source == INPUT and prod(group.pooling) == 1
            shape = Shape(source.size) if flat else source
            arriving = (0, 1) if group.source == INPUT else network.layer(group.source).neuron.wire_range
            links.append(ExpectedLink(len(links), layer, place, group, shape, arriving))
    return links


@dataclass(frozen=True)
class Steps:
    """What a position reaches along an axis, pass by pass: by bank the output and the place of the window that charges it, and
    which places the banks take, outputs beyond the border included.
    """

    passes: tuple[dict[int, tuple[int, int]], ...]
    kernels: tuple[Kernel, ...]


@dataclass(frozen=True, eq=False)
class ExpectedMap:
    """A layer of a map with its share of the hardware."""

    layer: Layer
    lanes: int
    buffers: int
    links: tuple[ExpectedLink, ...]
    sends: tuple[ExpectedLink, ...]
    potentials: Shape
    bits: tuple[bool, ...]
    steps: tuple[int, ...]
    direct: bool

    @cached_property
    def word_lanes(self) -> int:
        """Channels in a word: as many as there are, or as there are lanes."""
        return min(self.lanes, self.potentials.channels)

    @cached_property
    def banks(self) -> tuple[int, int]:
        """Banks by rows and by columns: those that the whole window needs, those of one of its rows, or one."""
        sizes, stride = self.window_of(self.links[0]), self.links[0].group.stride
        whole = [
            min(ceiling(size, step), count) for size, step, count in zip(sizes, stride, self.potentials.positions, strict=True)
        ]
        spare = self.lanes // self.word_lanes if self.word_lanes == self.potentials.channels else 1
        if whole[0] * whole[1] <= spare:
            return whole[0], whole[1]
        return (1, whole[1]) if whole[1] <= spare else (1, 1)

    @property
    def bank_count(self) -> int:
        """All banks."""
        return prod(self.banks)

    @property
    def groups(self) -> int:
        """Words that the channels of a position take."""
        return ceiling(self.potentials.channels, self.word_lanes)

    @property
    def line_words(self) -> int:
        """Words of a bank for one row of it."""
        return ceiling(self.potentials.columns, self.banks[1])

    @property
    def group_words(self) -> int:
        """Words of a bank for one group."""
        return ceiling(self.potentials.rows, self.banks[0]) * self.line_words

    @property
    def address_bits(self) -> int:
        """Of a word in a bank."""
        return index_bits(self.groups * self.group_words)

    @property
    def bank_bits(self) -> int:
        """Of a bank's number along an axis."""
        return index_bits(max(self.banks))

    @property
    def causal(self) -> bool:
        """Decides in every time step."""
        return self.layer.neuron.mode is NeuronMode.CAUSAL

    @property
    def file_stem(self) -> str:
        """Beginning of the names of its memory files."""
        return f"memory/{self.layer.name}"

    def shifts(self, link: ExpectedLink) -> int:
        """Places that the first bit plane of a source still has to go."""
        return self.steps[link.place] - 1 if self.bits[link.place] else 0

    def window_of(self, link: ExpectedLink) -> tuple[int, int]:
        """Rows and columns of the window; of linear synapses the pooled map."""
        weights = self.weights_of(link)
        return int(weights.shape[2]), int(weights.shape[3])

    def weights_of(self, link: ExpectedLink) -> IntArray:
        """(channels, source channels of a group, rows, columns)."""
        if link.group.weights.ndim == 4:
            return link.group.weights
        pooled = [size // pool for size, pool in zip(link.source.positions, link.group.pooling, strict=True)]
        return link.group.weights.reshape(-1, link.source.channels, *pooled)

    def shared(self, link: ExpectedLink) -> bool:
        """No position is part of two windows, so that all banks can take the same word of weights."""
        return all(size <= step for size, step in zip(self.window_of(link), link.group.stride, strict=True))

    def steps_along(self, link: ExpectedLink, axis: int) -> list[Steps]:
        """What every position of the source reaches, pass by pass."""
        size, stride, pad = self.window_of(link)[axis], link.group.stride[axis], link.group.padding[axis]
        pool, banks, outputs = link.group.pooling[axis], self.banks[axis], self.potentials.positions[axis]
        length = link.source.positions[axis]
        steps = []
        for position in range(length):
            inside = position < length - length % pool
            centre = position // pool + pad
            # With fewer banks than outputs those beyond the border keep their banks, though nothing is there.
            near = range(outputs) if banks == outputs else range(-size, centre + size + 1)
            hit = [output for output in near if 0 <= centre - output * stride < size] if inside else []
            passes, kernels = [], []
            for chunk in (hit[start : start + banks] for start in range(0, len(hit), banks)):
                there = {output % banks: (output, centre - output * stride) for output in chunk if 0 <= output < outputs}
                if there:
                    passes.append(there)
                    kernels.append(frozenset((output % banks, centre - output * stride) for output in chunk))
            steps.append(Steps(tuple(passes), tuple(kernels)))
        return steps

    def turns(self, link: ExpectedLink, axis: int) -> list[Kernel]:
        """Different arrangements of the weights along an axis, in the order of the positions that read them; where banks share
        the weights one for each place of the window, in their order.
        """
        found = list(dict.fromkeys(kernel for step in self.steps_along(link, axis) for kernel in step.kernels))
        if self.shared(link):
            found = [frozenset({(0, place)}) for place in sorted({place for kernel in found for _, place in kernel})]
        return found or [frozenset({(bank, 0) for bank in range(self.banks[axis])})]

    def turn(self, link: ExpectedLink, axis: int, kernel: Kernel) -> int:
        """Number of an arrangement."""
        if self.shared(link):
            kernel = frozenset((0, place) for _, place in kernel)
        return self.turns(link, axis).index(kernel)

    def arrangements(self, link: ExpectedLink, axis: int) -> int:
        """Different words of weights along an axis."""
        return len(self.turns(link, axis))

    def split(self, link: ExpectedLink) -> bool:
        """A grouped convolution."""
        return link.group.weights.ndim == 4 and link.group.groups > 1

    def reads(self, link: ExpectedLink, output: int, channel: int) -> bool:
        """Whether a channel exists and reads a source channel."""
        weights = self.weights_of(link)
        readers = len(weights) // (link.group.groups if self.split(link) else 1)
        return output < len(weights) and output // readers == channel // weights.shape[1]

    def groups_reached(self, link: ExpectedLink, channel: int) -> list[int]:
        """Groups of lanes that hold a channel which reads a source channel."""
        weights = self.weights_of(link)
        readers = len(weights) // (link.group.groups if link.group.weights.ndim == 4 else 1)
        first = channel // weights.shape[1] * readers
        return sorted({output // self.word_lanes for output in range(first, first + readers)})

    def scan(self, axis: int) -> list[list[int]]:
        """Of every row (or column) of neurons the potentials of its window."""
        pooling, count = self.layer.max_pooling, self.potentials.positions[axis]
        if pooling is None:
            return [[place] for place in range(count)]
        starts = [number * pooling.stride[axis] - pooling.padding[axis] for number in range(self.layer.neuron.positions[axis])]
        return [[place for place in range(start, start + pooling.size[axis]) if 0 <= place < count] for start in starts]

    @property
    def operand_bits(self) -> int:
        """Of what is added: a shifted weight, no wider than a potential."""
        widest = max(link.group.weight_bits + self.shifts(link) for link in self.links)
        return min(widest, self.layer.neuron.potential_bits)


def expected_map(network: Network, layer: Layer, lanes: int, buffers: int, links: Sequence[ExpectedLink]) -> ExpectedMap:
    """A layer of a map, from the network, with its lanes and the frames whose potentials it holds."""
    own = tuple(link for link in links if link.layer is layer)
    group = layer.synapses[0]
    return ExpectedMap(
        layer=layer,
        lanes=lanes,
        buffers=buffers,
        links=own,
        sends=tuple(link for link in links if link.group.source == layer.name),
        potentials=group.output(network.encoder.map if group.source == INPUT else network.layer(group.source).neuron.map),
        bits=tuple(network.source_is_bits(link.group.source) for link in own),
        steps=tuple(network.source_steps(link.group.source) for link in own),
        direct=any(network.source_is_direct(link.group.source) for link in own),
    )


def map_instances(expected: ExpectedMap) -> Iterator[ExpectedInstance]:
    """The modules of a map with every parameter."""
    name = expected.layer.name
    for link in expected.links:
        yield ExpectedInstance(f"u_synapses{link.place}_{name}", "map_synapses", _synapse_parameters(expected, link))
    yield ExpectedInstance(f"u_layer_{name}", "map_neurons", _neuron_parameters(expected))


def _bank_parameters(expected: ExpectedMap) -> dict[str, Value]:
    channels = expected.potentials.channels
    return {
        "LANES": expected.word_lanes,
        "LAST_LANES": channels - (expected.groups - 1) * expected.word_lanes,
        "BANK_ROWS": expected.banks[0],
        "BANK_COLUMNS": expected.banks[1],
        "GROUPS": expected.groups,
        "GROUP_BITS": index_bits(expected.groups),
        "GROUP_WORDS": expected.group_words,
        "ADDRESS_BITS": expected.address_bits,
        "OPERAND_BITS": expected.operand_bits,
        "COUNTERS": "COUNTERS",
    }


def _synapse_parameters(expected: ExpectedMap, link: ExpectedLink) -> dict[str, Value]:
    stem, channels = expected.file_stem, link.source.channels
    row_bits, column_bits, channel_bits = link.field_bits
    rows, columns = ([len(step.passes) for step in expected.steps_along(link, axis)] for axis in range(2))
    by_channel = [len(expected.groups_reached(link, channel)) for channel in range(channels)]
    arranged = expected.arrangements(link, 0) * expected.arrangements(link, 1) * channels
    split = expected.split(link)
    words = arranged * max(by_channel)
    shifts = expected.shifts(link)
    return _bank_parameters(expected) | {
        "ROW_BITS": max(row_bits, 1),
        "COLUMN_BITS": max(column_bits, 1),
        "CHANNEL_BITS": channel_bits,
        "SIGNED": int(link.arriving[0] < 0),
        "MAGNITUDE_BITS": size_bits(link.arriving),
        "WEIGHT_BANKS": 1 if expected.shared(link) else expected.bank_count,
        "ROW_PASSES": max(1, *rows),
        "ROW_PASS_BITS": index_bits(max(1, *rows)),
        "COLUMN_PASSES": max(1, *columns),
        "COLUMN_PASS_BITS": index_bits(max(1, *columns)),
        "GROUP_WEIGHTS": arranged,
        "SPLIT": int(split),
        "REACHED": expected.potentials.channels // (link.group.groups if split else 1),
        "STEP_PASSES": sum(by_channel) * sum(rows) * sum(columns),
        "WEIGHT_BITS": link.group.weight_bits,
        "WEIGHT_WORDS": words,
        "WEIGHT_ADDRESS_BITS": index_bits(words),
        "SHIFTS": shifts,
        "SHIFT_BITS": index_bits(shifts + 1),
        "EVERY_STEP": int(expected.causal and not expected.direct),
        "ROW_MAP": f"{stem}_rows_{link.place}.mem",
        "COLUMN_MAP": f"{stem}_columns_{link.place}.mem",
        "CHANNEL_MAP": f"{stem}_channels_{link.place}.mem" if split else "",
        "WEIGHTS": f"{stem}_weights_{link.place}.mem",
    }


def _neuron_parameters(expected: ExpectedMap) -> dict[str, Value]:
    neuron, stem = expected.layer.neuron, expected.file_stem
    row_bits, column_bits, channel_bits = expected.sends[0].field_bits
    entries = [sum(map(len, expected.scan(axis))) for axis in range(2)]
    words = expected.groups * prod(neuron.positions)
    scans = neuron.time_steps if expected.direct else 1
    shifts = max(expected.shifts(link) for link in expected.links)
    return _bank_parameters(expected) | _decision_parameters(expected) | {
        "SYNAPSES": len(expected.links),
        "SENDERS": len(expected.sends),
        "WIDTH": neuron.potential_bits,
        "CARRIES": int(any(link.arriving[0] < 0 for link in expected.links)),
        "BUFFERS": expected.buffers,
        "BANK_BITS": expected.bank_bits,
        "DEPTH": expected.groups * expected.group_words,
        "ROWS": neuron.positions[0],
        "ROW_BITS": max(row_bits, 1),
        "COLUMNS": neuron.positions[1],
        "COLUMN_BITS": max(column_bits, 1),
        "CHANNEL_BITS": channel_bits,
        "OUT_BITS": row_bits + column_bits + channel_bits,
        "WORDS": words,
        "WORD_BITS": index_bits(words),
        "ROW_ENTRIES": entries[0],
        "ROW_ENTRY_BITS": index_bits(entries[0]),
        "COLUMN_ENTRIES": entries[1],
        "COLUMN_ENTRY_BITS": index_bits(entries[1]),
        "ROW_MAP": f"{stem}_scan_rows.mem",
        "COLUMN_MAP": f"{stem}_scan_columns.mem",
        "POOLS": int(expected.layer.max_pooling is not None),
        "DIRECT": int(expected.direct),
        "SCANS": scans,
        "SCAN_BITS": index_bits(scans),
        "DOUBLINGS": shifts * expected.potentials.size,
    }  # fmt: skip


def _decision_parameters(expected: ExpectedMap) -> dict[str, Value]:
    neuron, stem = expected.layer.neuron, expected.file_stem
    low, high = (neuron.lowest_spike, neuron.largest_spike) if expected.causal else (neuron.lowest, neuron.levels)
    leaky = len(neuron.negative_threshold) > 0
    multiples = (1, 1) if leaky else neuron.fire_multiples
    saturates = int(held_levels(expected.layer))
    steps = 1 if expected.causal else neuron.time_steps
    sent = (low, high) if neuron.code in (WireCode.COUNT, WireCode.TRAIN) else (max(low, -1), 1)
    rows = 1 + saturates + len(multiples)
    return {
        "CAUSAL": int(expected.causal),
        "START_PER_NEURON": int(len(neuron.offset) != neuron.channels),
        "START": f"{stem}_start.mem" if expected.causal else "",
        "SATURATES": saturates,
        "FIRES": len(multiples),
        "MULTIPLES": sum(multiple << 8 * place for place, multiple in enumerate(multiples)),
        "FLOOR": -low,
        "LEVEL_BITS": level_bits((low, high)),
        "LEAKS": int(leaky),
        "CONSTANT_ROWS": rows,
        "CONSTANT_ROW_BITS": index_bits(rows),
        "CONSTANTS": f"{stem}_constants.mem",
        "CODE": {WireCode.UNARY: 1, WireCode.BITS: 2}.get(neuron.code, 0),
        "STEPS": steps,
        "STEP_BITS": index_bits(steps),
        "SIGNED_OUT": int(sent[0] < 0),
        "MAGNITUDE_OUT_BITS": size_bits(sent),
    }


def held_levels(layer: Layer) -> bool:
    """Bit planes of a level count that is no 2**b − 1, where the neurons do not divide: the potential is held below it first."""
    neuron = layer.neuron
    planes = neuron.code is WireCode.BITS and not neuron.lowest and neuron.positions == (1, 1)
    return planes and (neuron.levels + 1) & neuron.levels != 0
