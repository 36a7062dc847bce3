"""What an unrolled layer must look like, derived from the integer network and the sums that were read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.golden.counts import compares_of_layer
from model.integer_network import InputCode, Layer, Network, Neuron, NeuronMode, WireCode
from model.integer_network.structure import INPUT
from rtl.audit.charges import ChargeForm, UnprovedError, charge_form, port_width
from rtl.audit.constants import Value
from rtl.audit.expected_memory import IntArray
from rtl.audit.map_expectation import ExpectedLink, built_as_map
from rtl.audit.sizes import ExpectedInstance, ceiling, index_bits, size_bits
from rtl.audit.syntax import Node


@dataclass(frozen=True, eq=False)
class ExpectedUnrolled:
    """An unrolled layer between its links; ``takes_planes`` and ``sends_planes`` say which of these carry whole time steps."""

    layer: Layer
    link: ExpectedLink
    source_steps: int
    doubling: bool
    takes_planes: bool
    sends_planes: bool
    compared: int

    @property
    def name(self) -> str:
        """Of the layer."""
        return self.layer.name

    @property
    def module(self) -> str:
        """The generated module that sums a time step."""
        return f"charge_of_{self.name}"

    @property
    def readout(self) -> bool:
        """Never fires."""
        return self.layer.neuron.mode is NeuronMode.READOUT

    @property
    def bits(self) -> int:
        """Bits of a time step: the magnitude of every source, twice where it may be negative."""
        return len(self.bit_values) * self.link.source.size

    @property
    def bit_values(self) -> list[int]:
        """What each bit of one source stands for."""
        powers = [1 << place for place in range(size_bits(self.link.arriving))]
        return powers + [-power for power in powers] * (self.link.arriving[0] < 0)

    @property
    def weights(self) -> IntArray:
        """(neurons, bits): with what every bit of a time step counts."""
        return np.kron(self.link.group.weights, np.array(self.bit_values))

    @property
    def weight_of_steps(self) -> int:
        """How often the sum of a time step counts in a frame, all steps together."""
        return sum(2**step for step in range(self.source_steps)) if self.doubling else self.source_steps

    def largest(self, form: ChargeForm) -> int:
        """The largest sum of a frame."""
        return int((np.maximum(self.weights, 0).sum(axis=1) + form.constants).max()) * self.weight_of_steps


def charge_mismatches(expected: ExpectedUnrolled, form: ChargeForm, width: int) -> Iterator[str]:
    """Weights that a generated module has and the network has not, the first one of each neuron; and sums that do not fit.

    Args:
        expected: the layer.
        form: what its module sums.
        width: bits of a potential.
    """
    if expected.largest(form) >> width:
        yield f"module {expected.module}: sums of {width} bits; a frame adds up to {expected.largest(form)}"
    if int(form.constants.min()) < 0:
        yield f"module {expected.module}: neuron {int(form.constants.argmin())}: expected sums of ones, found a negative constant"
    for neuron, (wanted, found) in enumerate(zip(expected.weights, form.weights, strict=True)):
        unequal = np.flatnonzero(wanted != found)
        if unequal.size:
            bit = int(unequal[0])
            yield f"module {expected.module}: neuron {neuron} bit {bit}: expected weight {wanted[bit]}, found {found[bit]}"


@dataclass(frozen=True)
class ExpectedPace:
    """Of a core of unrolled layers alone: cycles between two frames, and the bits that count the frames in it."""

    interval: int
    frame_bits: int


def expected_pace(network: Network, layers: Sequence[object], forms: Forms, beats: int) -> ExpectedPace | None:
    """The pace of a core that takes a frame in so many beats; none where a layer has events."""
    unrolled = [layer for layer in layers if isinstance(layer, ExpectedUnrolled)]
    if len(unrolled) < len(layers):
        return None
    steps = [layer.source_steps for layer in unrolled]
    stages = sum(forms[layer.name][0].stages for layer in unrolled if layer.name in forms)
    frames = ceiling(1 + stages + sum(steps) + len(steps), max(*steps, beats - 1 + network.encoder.time_steps))
    return ExpectedPace(max(steps), index_bits(frames))


def frame_queue(readout: Neuron, pace: ExpectedPace) -> ExpectedInstance:
    """Where the scores of the frames in a core wait for the result."""
    width = readout.neurons * readout.potential_bits
    return ExpectedInstance("u_queue", "frame_queue", {"WIDTH": width, "FRAME_BITS": pace.frame_bits})


def pixel_planes(network: Network, beat_pixels: int, pace: ExpectedPace | None) -> ExpectedInstance:
    """What gives whole time steps of the input, which arrives in beats of so many pixels."""
    encoder = network.encoder
    unary = encoder.code is InputCode.UNARY
    beats = ceiling(encoder.neurons, beat_pixels)
    fired = [int(fires) for step in _unary_steps(encoder.levels) for fires in step] if unary else []
    parameters: dict[str, Value] = {
        "PIXELS": encoder.neurons, "BITS": encoder.bits, "UNARY": int(unary), "STEPS": encoder.time_steps,
        "STEP_BITS": index_bits(encoder.time_steps), "BEATS": beats, "BEAT_BITS": index_bits(beats), "BEAT_PIXELS": beat_pixels,
        "PATTERNS": _fields(fired, 1),
    }  # fmt: skip
    if pace is not None:
        parameters |= {"PACED": 1, "INTERVAL": pace.interval, "INTERVAL_BITS": index_bits(pace.interval)}
        parameters |= {"FRAME_BITS": pace.frame_bits}
    return ExpectedInstance("u_encoder", "frame_planes", parameters)


def _unary_steps(levels: int) -> Iterator[list[bool]]:
    """Of every time step whether each level fires in it: a counter that starts at half and loses ``levels`` when it fires."""
    held = [levels // 2] * (levels + 1)
    for _ in range(levels):
        held = [value + level for level, value in enumerate(held)]
        yield [value >= levels for value in held]
        held = [value - levels if value >= levels else value for value in held]


def unrolled_instances(expected: ExpectedUnrolled, form: ChargeForm, width: int, paced: bool) -> Iterator[ExpectedInstance]:
    """Every instance of an unrolled layer, whose potentials have ``width`` bits, in a core with or without a pace."""
    neuron, link, name = expected.layer.neuron, expected.link, expected.name
    sources, magnitude, signed = link.source.size, size_bits(link.arriving), int(link.arriving[0] < 0)
    missing = neuron.offset - form.constants * expected.weight_of_steps
    adapter: dict[str, Value] = {"SOURCES": sources, "CHANNEL_BITS": link.field_bits[2], "MAGNITUDE_BITS": magnitude}
    if not expected.takes_planes:
        yield ExpectedInstance(f"u_planes_{name}", "event_planes", adapter)
    split: dict[str, Value] = {"SOURCES": sources, "MAGNITUDE_BITS": magnitude, "SIGNED": signed, "BITS": expected.bits}
    yield ExpectedInstance(f"u_bits_{name}", "signed_plane", split)
    yield ExpectedInstance(f"u_charge_{name}", expected.module, {})
    yield ExpectedInstance(f"u_stages_{name}", "plane_pipeline", {"STAGES": form.stages})
    sums: dict[str, Value] = {"NEURONS": neuron.neurons, "WIDTH": width, "DOUBLING": int(expected.doubling)}
    yield ExpectedInstance(f"u_potentials_{name}", "plane_accumulator", sums)
    counted: dict[str, Value] = {
        "ENABLED": "COUNTERS",
        "STAGES": form.stages, "SOURCES": sources, "MAGNITUDE_IN_BITS": magnitude, "NEURONS": neuron.neurons,
        "DOUBLING": int(expected.doubling), "DECIDES": int(not expected.readout),
    }  # fmt: skip
    if expected.readout:
        bits = neuron.potential_bits
        scores: dict[str, Value] = {
            "CLASSES": neuron.neurons, "IN_WIDTH": width, "WIDTH": bits, "CONSTANTS": _fields(missing, bits),
        }  # fmt: skip
        yield ExpectedInstance(f"u_scores_{name}", "plane_scores", scores)
        counted |= {"COMPARES": 1, "COMPARED": 0, "STEPS": 1, "MAGNITUDE_BITS": 1, "RESETS": 0}
    else:
        fires = _firing(expected, width, missing, paced)
        yield from fires
        shape = {key: fires[0].parameters[key] for key in ("COMPARES", "STEPS", "MAGNITUDE_BITS")}
        counted |= shape | {"COMPARED": expected.compared, "RESETS": _fields(_subtractions(expected.layer), 8)}
    yield ExpectedInstance(f"u_counters_{name}", "plane_counters", counted)


def _firing(expected: ExpectedUnrolled, width: int, missing: IntArray, paced: bool) -> list[ExpectedInstance]:
    """Decision, sender, and what makes events of time steps."""
    neuron, name = expected.layer.neuron, expected.name
    low, high = neuron.lowest, neuron.levels
    code = {WireCode.COUNT: 0, WireCode.UNARY: 1, WireCode.BITS: 2}[neuron.code]
    magnitude = size_bits((low, high)) if neuron.code is WireCode.COUNT else 1
    least = [
        min(max(int(threshold) * level - int(lacking), 0), 2**width)
        for threshold, lacking in zip(neuron.threshold, missing, strict=True)
        for level in range(low + 1, high + 1)
    ]
    steps = neuron.time_steps
    shape: dict[str, Value] = {"NEURONS": neuron.neurons, "STEPS": steps, "MAGNITUDE_BITS": magnitude}
    decision: dict[str, Value] = {
        "WIDTH": width, "CODE": code, "FLOOR": -low, "COMPARES": high - low, "THRESHOLDS": _fields(least, width + 1),
    }  # fmt: skip
    made = [
        ExpectedInstance(f"u_decision_{name}", "level_decision", shape | decision),
        ExpectedInstance(f"u_sender_{name}", "plane_sender", shape | {"STEP_BITS": index_bits(steps), "PACED": int(paced)}),
    ]
    if not expected.sends_planes:
        sent: dict[str, Value] = {
            "SOURCES": neuron.neurons, "CHANNEL_BITS": max(3, index_bits(neuron.neurons)), "MAGNITUDE_BITS": magnitude,
            "SIGNED": int(low < 0),
        }  # fmt: skip
        made.append(ExpectedInstance(f"u_events_{name}", "plane_events", sent))
    return made


def _subtractions(layer: Layer) -> list[int]:
    """Of every level the subtractions of docs/ir.md, section 4."""
    neuron = layer.neuron
    levels = range(neuron.lowest, neuron.levels + 1)
    if neuron.lowest == 0 and neuron.code is WireCode.UNARY:
        return list(levels)
    if neuron.lowest == 0 and neuron.code is WireCode.BITS:
        return [f"{level:b}".count("1") for level in levels]
    counts = []
    for level in levels:
        rest, left, made = level - neuron.lowest, neuron.levels - neuron.lowest, 0
        while left:
            multiple = left - left // 2
            if rest >= multiple:
                rest, made = rest - multiple, made + 1
            left //= 2
        counts.append(made)
    return counts


def _fields(values: Iterable[int], bits: int) -> int:
    """Fields of a constant, the first in its lowest bits."""
    word = 0
    for place, value in enumerate(values):
        word += (int(value) % 2**bits) << bits * place
    return word


def expected_unrolled(network: Network, layer: Layer, link: ExpectedLink, unrolled: set[str]) -> ExpectedUnrolled:
    """An unrolled layer; ``unrolled`` names all of these."""
    source = link.group.source
    readers = [other.name for other in network.layers for group in other.synapses if group.source == layer.name]
    return ExpectedUnrolled(
        layer=layer,
        link=link,
        source_steps=network.source_steps(source),
        doubling=network.source_is_bits(source),
        takes_planes=source == INPUT or not built_as_map(network, network.layer(source)),
        sends_planes=all(reader in unrolled for reader in readers),
        compared=0 if layer.neuron.mode is NeuronMode.READOUT else compares_of_layer(network, layer),
    )


Forms = dict[str, tuple[ChargeForm, int]]
"""By layer what its generated module sums, and the bits of a sum."""


def read_charges(layers: Sequence[object], modules: Mapping[str, Node]) -> tuple[Forms, list[str]]:
    """Read back what the modules of unrolled layers sum, and compare it with the network.

    Returns:
        The sums, and one line for everything that is wrong with them.
    """
    forms: Forms = {}
    mismatches: list[str] = []
    for expected in layers:
        if not isinstance(expected, ExpectedUnrolled):
            continue
        module = modules.get(expected.module)
        if module is None:
            mismatches.append(f"module {expected.module}: expected a file {expected.module}.v, found none")
            continue
        neurons = expected.layer.neuron.neurons
        try:
            width = port_width(module, "charges") // neurons
            form = charge_form(module, neurons, expected.bits, width)
        except UnprovedError as error:
            mismatches.append(f"module {expected.module}: {error}")
            continue
        forms[expected.name] = form, width
        mismatches += charge_mismatches(expected, form, width)
    return forms, mismatches
