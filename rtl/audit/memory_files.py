"""The memory files of a core against the integer network, word by word; decoded here without the generator's code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.base.files import sha256_of
from model.integer_network import InputCode, Network
from model.integer_network.structure import INPUT
from rtl.audit.expectation import Expected, ExpectedLayer
from rtl.audit.expected_memory import ExpectedMemory, IntArray
from rtl.audit.map_expectation import ExpectedMap
from rtl.audit.map_memories import input_tables, inputs_by_position, map_memories, pixel_memories
from rtl.audit.unrolled_expectation import ExpectedUnrolled

_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")
_NO_NEURON_FIRES = -1
"""What a lane without a neuron holds in place of a negated threshold: its potential is never above zero. Where levels are kept
it has the threshold 1 on either side, which decides on level 0."""


@dataclass(frozen=True)
class CheckedMemory:
    """What was found in a memory file."""

    file: str
    words: int
    width: int
    sha256: str
    checked: int
    mismatches: int
    first: str | None

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "file": self.file,
            "words": self.words,
            "width": self.width,
            "sha256": self.sha256,
            "checked": self.checked,
            "mismatches": self.mismatches,
        }


def expected_memories(network: Network, layers: Sequence[Expected]) -> list[ExpectedMemory]:
    """Every memory file that a core of this network has; weights of unrolled layers are wires."""
    unrolled = [layer for layer in layers if isinstance(layer, ExpectedUnrolled)]
    memories = [
        memory
        for layer in layers
        if not isinstance(layer, ExpectedUnrolled)
        for memory in (map_memories(layer) if isinstance(layer, ExpectedMap) else _layer_memories(layer))
    ]
    if any(layer.link.group.source == INPUT for layer in unrolled):
        return memories
    memories += pixel_memories(network)
    if network.encoder.code is InputCode.UNARY:
        memories.append(_encoder_patterns(network.encoder.levels))
    return memories


def _layer_memories(layer: ExpectedLayer) -> Iterator[ExpectedMemory]:
    neuron, synapses = layer.layer.neuron, layer.layer.synapses[0]
    weights = np.zeros((layer.groups * layer.sources, layer.lanes), dtype=np.int64)
    by_position = inputs_by_position(layer.link) if layer.behind_map else np.arange(layer.sources)
    for channel_out in range(neuron.neurons):
        group, lane = divmod(channel_out, layer.lanes)
        weights[group * layer.sources : (group + 1) * layer.sources, lane] = synapses.weights[channel_out, by_position]
    if layer.behind_map:
        yield from input_tables(layer.link, layer.file_stem, layer.in_bits)
    places = [f"group {group} source channel {channel}" for group in range(layer.groups) for channel in range(layer.sources)]
    yield ExpectedMemory(f"{layer.file_stem}_weights.mem", weights, synapses.weight_bits, True, places)

    rows = [(name, _spread(layer, values, layer.shift)) for name, values in _additions(layer)]
    for multiple in layer.threshold_multiples:
        unused = -multiple if layer.keeps_levels else _NO_NEURON_FIRES
        rows.append((f"-{multiple} threshold", _spread(layer, -multiple * neuron.threshold, unused)))
    if layer.leaky:
        rows.append(("negative threshold", _spread(layer, neuron.negative_threshold, 1)))
    places = [f"{name} group {group}" for name, _ in rows for group in range(layer.stored_groups)]
    constants = np.concatenate([words for _, words in rows])
    yield ExpectedMemory(f"{layer.file_stem}_constants.mem", constants, neuron.potential_bits, True, places)

    if layer.causal:
        places = [f"V0 group {group}" for group in range(layer.stored_groups)]
        start = _spread(layer, neuron.offset, 0)
        yield ExpectedMemory(f"{layer.file_stem}_start.mem", start, neuron.potential_bits, True, places)


def _additions(layer: ExpectedLayer) -> list[tuple[str, IntArray]]:
    """Constants that are added before the fire passes."""
    neuron = layer.layer.neuron
    if layer.shift:
        added = neuron.step_bias if layer.causal else neuron.offset
        name = "step bias" if layer.causal else "offset"
        return [(f"{name} + {layer.shift} threshold", added + layer.shift * neuron.threshold)]
    if layer.causal:
        return [("step bias", neuron.step_bias)]
    if layer.held_levels:
        ceiling = (neuron.levels + 1) * neuron.threshold
        return [("offset - (levels + 1) threshold", neuron.offset - ceiling), ("(levels + 1) threshold", ceiling)]
    return [("offset", neuron.offset)]


def _spread(layer: ExpectedLayer, values: IntArray, unused: int) -> IntArray:
    """One constant a neuron to (stored groups, lanes)."""
    words = np.full((layer.stored_groups, layer.lanes), unused, dtype=np.int64)
    for channel, value in enumerate(values.tolist()):
        words[divmod(channel, layer.lanes)] = value
    return words


def _encoder_patterns(levels: int) -> ExpectedMemory:
    """Spikes of an integrate-and-fire encoder that starts at half its threshold, (time steps, levels + 1)."""
    fires = np.zeros((levels, levels + 1), dtype=np.int64)
    for level in range(levels + 1):
        potential = levels // 2
        for step in range(levels):
            potential += level
            if potential >= levels:
                fires[step, level] = 1
                potential -= levels
    return ExpectedMemory("memory/encoder_patterns.mem", fires, 1, False, [f"time step {step}" for step in range(levels)])


def check_memory(folder: Path, expected: ExpectedMemory) -> CheckedMemory:
    """Compare one file with what it must hold."""
    path = folder / expected.file
    if not path.is_file():
        trouble = f"{expected.file}: expected {len(expected.rows)} words, found no such file"
        return CheckedMemory(expected.file, 0, expected.width, "", 0, 1, trouble)
    words = path.read_text(encoding="utf-8").split()
    checked, trouble_list = 0, list(_form_mismatches(expected, words))
    if not trouble_list:
        checked, trouble_list = len(words), list(_value_mismatches(expected, words))
    first = trouble_list[0] if trouble_list else None
    return CheckedMemory(expected.file, len(words), expected.width, sha256_of(path), checked, len(trouble_list), first)


def _form_mismatches(expected: ExpectedMemory, words: Sequence[str]) -> Iterator[str]:
    """Number of words, and words that are no numbers of the memory's width."""
    if len(words) != len(expected.rows):
        yield f"{expected.file}: expected {len(expected.rows)} words, found {len(words)}"
        return
    digits = -(-expected.width // 4)
    wanted = f"{expected.width} bits in {digits} digits"
    for number, word in enumerate(words):
        if not _HEXADECIMAL.fullmatch(word) or len(word) != digits or int(word, 16) >> expected.width:
            yield f"{expected.file}: word {number} ({expected.rows[number]}): expected {wanted}, found {word[:40]}"


def _value_mismatches(expected: ExpectedMemory, words: Sequence[str]) -> Iterator[str]:
    found = _decode(words, expected)
    for row, lane in np.argwhere(found != expected.values).tolist():
        place = f"word {row} ({expected.rows[row]}) element {lane}"
        yield f"{expected.file}: {place}: expected {expected.values[row, lane]}, found {found[row, lane]}"


def _decode(words: Sequence[str], expected: ExpectedMemory) -> IntArray:
    """(words, elements) of the numbers in a file."""
    elements = expected.values.shape[1]
    length = -(-expected.width // 8)
    packed = np.frombuffer(b"".join(int(word, 16).to_bytes(length, "little") for word in words), dtype=np.uint8)
    bits = np.unpackbits(packed.reshape(len(words), length), axis=1, bitorder="little")[:, : expected.width]
    weights_of_bits = np.int64(1) << np.arange(expected.element_bits, dtype=np.int64)
    if expected.signed:
        weights_of_bits[-1] = -weights_of_bits[-1]
    decoded: IntArray = bits.reshape(len(words), elements, expected.element_bits).astype(np.int64) @ weights_of_bits
    return decoded
