"""What a core must look like, derived from the integer network and the lanes alone, not from the generator's plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model.integer_network import InputCode, Layer, Network, Neuron, NeuronMode, WireCode
from model.integer_network.structure import INPUT
from rtl.audit.constants import Value
from rtl.audit.map_expectation import ExpectedLink, ExpectedMap, built_as_map, expected_links, expected_map, map_instances
from rtl.audit.sizes import ExpectedInstance, ceiling, index_bits, level_bits, size_bits
from rtl.audit.unrolled_expectation import (
    ExpectedUnrolled,
    Forms,
    expected_pace,
    expected_unrolled,
    frame_queue,
    pixel_planes,
    unrolled_instances,
)

PIXELS_A_BEAT = 8

_PORTS: dict[str, tuple[str, int]] = {
    "clk": ("Input", 1),
    "rst": ("Input", 1),
    "s_axis_tvalid": ("Input", 1),
    "s_axis_tready": ("Output", 1),
    "s_axis_tlast": ("Input", 1),
    "m_axis_tvalid": ("Output", 1),
    "m_axis_tready": ("Input", 1),
    "m_axis_tlast": ("Output", 1),
    "m_axis_tuser": ("Output", 1),
}

COUNTER_SIGNALS = 15 * 48 + 1
"""Fifteen counters of 48 bits and a strobe, for every layer."""

WORDS_UNDER_WAY = 7
"""Passes that send between their issue and the stop that the fifo of spike_output gives, which holds them beside the words of a
whole frame; one more where their levels are looked up."""


def top_ports(network: Network, port: str) -> dict[str, tuple[str, int]]:
    """Direction and width of every port of the top level; ``port`` is frame where a beat is a frame or a packet."""
    frame = port == "frame"
    given = 8 * (network.encoder.neurons if frame else PIXELS_A_BEAT)
    taken = 32 * (1 + network.readout.neuron.neurons if frame else 1)
    return _PORTS | {"s_axis_tdata": ("Input", given), "m_axis_tdata": ("Output", taken)}


@dataclass(frozen=True, eq=False)
class ExpectedLayer:
    """A layer with its share of the hardware; ``sends_planes`` says that its link carries whole time steps."""

    layer: Layer
    lanes: int
    sources: int
    inputs: int
    doubling: bool
    direct: bool
    sends_planes: bool
    link: ExpectedLink

    @property
    def arriving(self) -> tuple[int, int]:
        """Lowest and largest value of one time step on its link."""
        return self.link.arriving

    @property
    def behind_map(self) -> bool:
        """Its events have rows and columns."""
        return self.link.has_positions

    @property
    def in_bits(self) -> int:
        """Of the number of an input."""
        return channel_bits(self.sources) if self.behind_map else self.link.field_bits[2]

    @property
    def groups(self) -> int:
        """Cycles of one pass over all neurons."""
        return -(-self.layer.neuron.neurons // self.lanes)

    @property
    def stored_groups(self) -> int:
        """Words that the groups of one constant row take: a power of two where there are several."""
        return 1 if self.groups == 1 else 1 << index_bits(self.groups)

    @property
    def causal(self) -> bool:
        """Fires in every time step, so that a frame starts from V0."""
        return self.layer.neuron.mode is NeuronMode.CAUSAL

    @property
    def readout(self) -> bool:
        """Never fires."""
        return self.layer.neuron.mode is NeuronMode.READOUT

    @property
    def held_levels(self) -> bool:
        """The level count is no 2**b − 1, so that the potential is held below levels + 1 thresholds first."""
        neuron = self.layer.neuron
        return neuron.code is WireCode.BITS and not neuron.lowest and (neuron.levels + 1) & neuron.levels != 0

    @property
    def decided(self) -> tuple[int, int]:
        """Lowest and largest value that one decision gives, (0, 0) for a readout."""
        neuron = self.layer.neuron
        if self.readout:
            return 0, 0
        return (neuron.lowest_spike, neuron.largest_spike) if self.causal else (neuron.lowest, neuron.levels)

    @property
    def sent(self) -> tuple[int, int]:
        """Lowest and largest value of one time step on the outgoing link."""
        low, high = self.decided
        whole = self.layer.neuron.code in (WireCode.COUNT, WireCode.TRAIN)
        return (low, high) if whole or self.readout else (max(low, -1), 1)

    @property
    def leaky(self) -> bool:
        """A negative threshold beside the positive one."""
        return len(self.layer.neuron.negative_threshold) > 0

    @property
    def keeps_levels(self) -> bool:
        """Several compares make one value: all but plain spikes, packed trains and bit planes of unsigned levels."""
        if self.readout:
            return False
        low, high = self.decided
        whole = self.layer.neuron.code in (WireCode.COUNT, WireCode.TRAIN)
        return low < 0 or (whole and high > 1)

    @property
    def shift(self) -> int:
        """Thresholds that are added before a decision, so that it starts from the lowest level."""
        return 0 if self.leaky else -self.decided[0]

    @property
    def threshold_multiples(self) -> list[int]:
        """Multiples of the threshold in the order of the fire passes; one where all passes take the same."""
        if self.readout or self.leaky:
            return [1] * self.leaky
        if self.keeps_levels:
            return halved(self.decided[1] - self.decided[0])
        if self.layer.neuron.code is WireCode.BITS:
            return [1 << plane for plane in reversed(range(self.layer.neuron.time_steps))]
        return [1]

    @property
    def constant_rows(self) -> int:
        """Additions, then thresholds."""
        return 1 + int(self.held_levels) + len(self.threshold_multiples) + int(self.leaky)

    @property
    def file_stem(self) -> str:
        """Beginning of the names of its memory files."""
        return f"memory/{self.layer.name}"


Expected = ExpectedLayer | ExpectedMap | ExpectedUnrolled


def halved(levels: int) -> list[int]:
    """Subtractions that find any of ``levels`` + 1 values: the upper half of what is left, rounded up, until nothing is."""
    if levels == 0:
        return []
    upper = levels - levels // 2
    return [upper, *halved(levels - upper)]


def channel_bits(channels: int) -> int:
    """Bits of a channel on a link: events come from words of eight, so at least 3."""
    return max(index_bits(channels), 3)


def expected_layers(network: Network, lanes: Sequence[int], potential_buffers: int, engines: Sequence[str]) -> list[Expected]:
    """Every layer, in order, with its lanes and its engine; maps hold the potentials of so many frames."""
    links = expected_links(network)
    unrolled = {layer.name for layer, engine in zip(network.layers, engines, strict=True) if engine == "unrolled"}
    layers: list[Expected] = []
    for layer, count in zip(network.layers, lanes, strict=True):
        if layer.name in unrolled:
            link = next(link for link in links if link.layer is layer)
            layers.append(expected_unrolled(network, layer, link, unrolled))
            continue
        if built_as_map(network, layer):
            layers.append(expected_map(network, layer, count, potential_buffers, links))
            continue
        link = next(link for link in links if link.layer is layer)
        kept = [size - size % pool for size, pool in zip(link.source.positions, link.group.pooling, strict=True)]
        layers.append(
            ExpectedLayer(
                layer=layer,
                lanes=count,
                sources=link.group.weights.shape[1],
                inputs=link.source.channels * kept[0] * kept[1] if link.has_positions else link.source.channels,
                doubling=network.source_is_bits(link.group.source),
                direct=network.source_is_direct(link.group.source),
                sends_planes=any(other.layer.name in unrolled for other in links if other.group.source == layer.name),
                link=link,
            )
        )
    return layers


def expected_instances(network: Network, layers: Sequence[Expected], forms: Forms, port: str) -> list[ExpectedInstance]:
    """Every instance of the top level; ``forms`` holds what was read back of unrolled layers."""
    beat_pixels = network.encoder.neurons if port == "frame" else PIXELS_A_BEAT
    beats = ceiling(network.encoder.neurons, beat_pixels)
    readout = layers[-1].layer.neuron
    lanes = layers[-1].lanes if isinstance(layers[-1], ExpectedLayer) else readout.neurons
    in_planes = any(isinstance(layer, ExpectedUnrolled) and layer.link.group.source == INPUT for layer in layers)
    pace = expected_pace(network, layers, forms, beats)
    return [
        ExpectedInstance(
            "u_receiver", "frame_receiver", {"BEATS": beats, "BEAT_BITS": index_bits(beats), "BEAT_PIXELS": beat_pixels}
        ),
        *([pixel_planes(network, beat_pixels, pace)] if in_planes else _encoder_instances(network, beats)),
        *(instance for layer in layers for instance in _layer_instances(layer, forms, pace is not None)),
        *([] if pace is None else [frame_queue(readout, pace)]),
        _result_instance(readout, lanes, port),
        ExpectedInstance("u_unobserved", "unobserved", {"WIDTH": COUNTER_SIGNALS * len(layers)}),
    ]


def _result_instance(readout: Neuron, lanes: int, port: str) -> ExpectedInstance:
    """What finds the class and sends the packet."""
    classes = readout.neurons
    parameters: dict[str, Value] = {"CLASSES": classes, "CLASS_BITS": index_bits(classes), "WIDTH": readout.potential_bits}
    if port == "frame":
        return ExpectedInstance("u_result", "result_word", parameters)
    return ExpectedInstance("u_result", "result_stream", parameters | {"LANES": lanes, "LANE_BITS": index_bits(lanes)})


def _encoder_instances(network: Network, beats: int) -> list[ExpectedInstance]:
    """What makes events of pixels."""
    encoder = network.encoder
    unary = encoder.code is InputCode.UNARY
    return [
        ExpectedInstance(
            "u_encoder",
            "input_encoder",
            {
                "BITS": encoder.bits,
                "UNARY": int(unary),
                "STEPS": encoder.time_steps,
                "STEP_BITS": index_bits(encoder.time_steps),
                "CHANNELS": encoder.neurons,
                "CHANNEL_BITS": channel_bits(encoder.neurons),
                "BEATS": beats,
                "BEAT_BITS": index_bits(beats),
                "PATTERNS": "memory/encoder_patterns.mem" if unary else "",
            },
        ),
        ExpectedInstance(
            "u_input_events",
            "event_serializer",
            {
                "LANES": PIXELS_A_BEAT,
                "CHANNEL_BITS": channel_bits(encoder.neurons),
                "SIGNED": 0,
                "MAGNITUDE_BITS": 1,
                "WAITING": 0,
            },
        ),
        *_pixel_instances(network),
    ]


def _pixel_instances(network: Network) -> Iterator[ExpectedInstance]:
    """What gives pixels to several readers, and rows and columns."""
    pixels = network.encoder.neurons
    links = [link for link in expected_links(network) if link.group.source == INPUT]
    if len(links) > 1:
        yield ExpectedInstance("u_fork", "link_fork", {"OUTPUTS": len(links), "CHANNEL_BITS": channel_bits(pixels)})
    for link in links:
        if link.has_positions:
            rows, columns, channels = link.field_bits
            wired = link.in_powers_of_two
            file = "" if wired else "memory/encoder_addresses.mem"
            parameters: dict[str, Value] = {
                "PIXELS": pixels, "PIXEL_BITS": channel_bits(pixels), "ROW_BITS": rows, "COLUMN_BITS": columns,
                "CHANNEL_BITS": channels, "WIRED": int(wired), "FILE": file,
            }  # fmt: skip
            yield ExpectedInstance(f"u_addresses{link.number}", "pixel_address", parameters)


def _layer_instances(layer: Expected, forms: Forms, paced: bool) -> Iterator[ExpectedInstance]:
    if isinstance(layer, ExpectedUnrolled):
        if layer.name in forms:
            yield from unrolled_instances(layer, *forms[layer.name], paced)
        return
    if isinstance(layer, ExpectedMap):
        yield from map_instances(layer)
        return
    if layer.behind_map:
        rows, columns, channels = layer.link.field_bits
        parameters: dict[str, Value] = {
            "ROW_BITS": rows, "COLUMN_BITS": columns, "CHANNEL_BITS": channels, "MAGNITUDE_BITS": size_bits(layer.arriving),
            "OUT_BITS": layer.in_bits, "ROW_MAP": f"{layer.file_stem}_input_rows.mem",
            "COLUMN_MAP": f"{layer.file_stem}_input_columns.mem",
        }  # fmt: skip
        yield ExpectedInstance(f"u_inputs_{layer.layer.name}", "flat_address", parameters)
    if layer.readout:
        parameters = _common_parameters(layer) | _arriving_parameters(layer) | {"DOUBLING": int(layer.doubling)}
        yield ExpectedInstance(f"u_layer_{layer.layer.name}", "readout_layer", parameters)
    else:
        yield _hidden_instance(layer)
    if layer.sends_planes:
        # Nobody reads the channel of a time step.
        yield ExpectedInstance(f"u_channel_{layer.layer.name}", "unobserved", {"WIDTH": channel_bits(layer.layer.neuron.neurons)})


def _common_parameters(layer: ExpectedLayer) -> dict[str, Value]:
    return {
        "SOURCES": layer.sources,
        "INPUTS": layer.inputs,
        "IN_BITS": layer.in_bits,
        "NEURONS": layer.layer.neuron.neurons,
        "LANES": layer.lanes,
        "GROUPS": layer.groups,
        "GROUP_BITS": index_bits(layer.groups),
        "ADDRESS_BITS": index_bits(layer.groups * layer.sources),
        "WEIGHT_BITS": layer.layer.synapses[0].weight_bits,
        "WIDTH": layer.layer.neuron.potential_bits,
        "WEIGHTS": f"{layer.file_stem}_weights.mem",
        "CONSTANTS": f"{layer.file_stem}_constants.mem",
        "COUNTERS": "COUNTERS",
    }


def _arriving_parameters(layer: ExpectedLayer) -> dict[str, Value]:
    """Of the incoming link."""
    return {"SIGNED_IN": int(layer.arriving[0] < 0), "MAGNITUDE_IN_BITS": size_bits(layer.arriving)}


def _firing_parameters(layer: ExpectedLayer) -> dict[str, Value]:
    """Of decisions and of the outgoing link."""
    low, high = layer.decided
    kept = layer.keeps_levels
    return {
        "SIGNED_OUT": int(layer.sent[0] < 0),
        "MAGNITUDE_OUT_BITS": size_bits(layer.sent),
        "LEVELS": int(kept),
        "FIRES": len(layer.threshold_multiples) + int(layer.leaky) if kept else 1,
        "RANGE": high - low if kept else 2,
        "FLOOR": -low if kept else 0,
        "LEVEL_BITS": level_bits(layer.decided),
        "LEAKS": int(layer.leaky),
        "ROWS": layer.constant_rows,
        "ROW_BITS": index_bits(layer.constant_rows),
    }


def _level_code(layer: ExpectedLayer) -> int:
    """Whole levels (0), or the time steps of packed trains (1) or bit planes (2)."""
    neuron = layer.layer.neuron
    several = layer.keeps_levels and not layer.causal and neuron.time_steps > 1
    return {WireCode.UNARY: 1, WireCode.BITS: 2}.get(neuron.code, 0) if several else 0


def _hidden_instance(layer: ExpectedLayer) -> ExpectedInstance:
    neuron = layer.layer.neuron
    # A causal layer that takes spikes fires once for every step of its source; one with direct input runs its own steps.
    steps = 1 if layer.causal and not layer.direct else neuron.time_steps
    held_words = neuron.time_steps * layer.groups + WORDS_UNDER_WAY + int(layer.keeps_levels)
    parameters = _common_parameters(layer) | _firing_parameters(layer)
    parameters |= {
        "OUT_BITS": channel_bits(neuron.neurons),
        "STEPS": steps,
        "STEP_BITS": index_bits(steps),
        "DEPTH_BITS": index_bits(held_words),
        "PLANES": int(layer.sends_planes),
        "START": f"{layer.file_stem}_start.mem" if layer.causal else "",
    }
    if layer.direct and layer.causal:
        return ExpectedInstance(f"u_layer_{layer.layer.name}", "direct_layer", parameters)
    parameters |= _arriving_parameters(layer)
    parameters |= {
        "CODE": _level_code(layer),
        "CAUSAL": int(layer.causal),
        "DOUBLING": int(layer.doubling),
        "SATURATES": int(layer.held_levels),
        "ONE_FIRE_ROW": int(not layer.keeps_levels and neuron.code is not WireCode.BITS),
    }
    return ExpectedInstance(f"u_layer_{layer.layer.name}", "event_layer", parameters)
