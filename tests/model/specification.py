"""docs/ir.md carried out word for word, one number at a time, by nothing but the standard library."""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

_TYPES = {"I8": ("<i1", "b", 1), "I64": ("<i8", "q", 8)}


class SpecifiedNetwork:
    """Section 1: the file."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        (length,) = struct.unpack("<Q", content[:8])
        header = json.loads(content[8 : 8 + length])
        metadata = header.pop("__metadata__")
        assert metadata["format"] == "isospike-integer-network"
        assert metadata["version"] == "2"
        self.structure = json.loads(metadata["network"])
        digest = hashlib.sha256(json.dumps(self.structure, sort_keys=True, separators=(",", ":")).encode())
        self.arrays: dict[str, list[int]] = {}
        for name in sorted(header):
            entry = header[name]
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            written, letter, size = _TYPES[entry["dtype"]]
            shape = entry["shape"]
            # NumPy writes one byte without a byte order.
            digest.update(f"{name} {'|i1' if size == 1 else written} [{', '.join(map(str, shape))}]".encode())
            digest.update(content[start:end])
            self.arrays[name] = list(struct.unpack(f"<{(end - start) // size}{letter}", content[start:end]))
        assert digest.hexdigest() == metadata["sha256"]

    def run(self, pixels: list[int]) -> dict[str, Any]:
        """Sections 3 and 4: spikes of the input and of every layer as lists of steps, scores, class."""
        encoder = self.structure["encoder"]
        spikes = _encode(pixels, encoder["bits"], encoder["code"])
        doubling, direct = encoder["code"] != "unary", encoder["code"] == "direct"
        trace: dict[str, Any] = {"input": spikes}
        for layer in self.structure["layers"]:
            populations = [self._neuron(layer, index, spikes, doubling, direct) for index in range(self._size(layer))]
            if layer["mode"] == "readout":
                trace["scores"] = populations
                trace["class"] = populations.index(max(populations))
                return trace
            spikes = [list(step) for step in zip(*populations, strict=True)]
            trace[layer["name"]] = spikes
            doubling, direct = layer["code"] == "bits", False
        raise AssertionError("the last layer is a readout")

    def _size(self, layer: dict[str, Any]) -> int:
        return len(self.arrays[f"{layer['name']}.offset"])

    def _neuron(self, layer: dict[str, Any], index: int, spikes: list[list[int]], doubling: bool, direct: bool) -> Any:
        name = layer["name"]
        weights = self.arrays[f"{name}.weights.0"]
        sources = len(weights) // self._size(layer)
        row = weights[index * sources : (index + 1) * sources]
        offset = self.arrays[f"{name}.offset"][index]
        if layer["mode"] == "readout":
            return _charge_of_a_frame(row, spikes, doubling) + offset
        threshold = self.arrays[f"{name}.threshold"][index]
        if layer["mode"] == "causal":
            charges = [_charge(row, step) for step in spikes]
            if direct:
                charges = [_charge_of_a_frame(row, spikes, doubling)] * layer["time_steps"]
            bias, negative = self.arrays[f"{name}.step_bias"][index], self.arrays[f"{name}.negative_threshold"]
            if negative:
                return _leaky([charge + bias for charge in charges], offset, threshold, negative[index])
            return _causal([charge + bias for charge in charges], offset, threshold, *layer["spikes"])
        potential = _charge_of_a_frame(row, spikes, doubling) + offset
        if layer["code"] == "count" or layer["lowest"] < 0:
            level, _ = _divide(potential, threshold, layer["lowest"], layer["levels"])
            return _emit(level, max(layer["levels"], -layer["lowest"]), layer["code"])
        return _deferred(potential, threshold, layer["levels"], layer["code"])


def _encode(pixels: list[int], bits: int, code: str) -> list[list[int]]:
    levels = [pixel >> (8 - bits) for pixel in pixels]
    if code != "unary":
        return [[level >> (bits - 1 - step) & 1 for level in levels] for step in range(bits)]
    most = 2**bits - 1
    trains = []
    for level in levels:
        potential, train = most // 2, []
        for _ in range(most):
            potential += level
            train.append(int(potential >= most))
            potential -= most * train[-1]
        trains.append(train)
    return [list(step) for step in zip(*trains, strict=True)]


def _charge(row: list[int], step: list[int]) -> int:
    return sum(weight * spike for weight, spike in zip(row, step, strict=True))


def _charge_of_a_frame(row: list[int], spikes: list[list[int]], doubling: bool) -> int:
    potential = 0
    for number, step in enumerate(spikes):
        if doubling and number:
            potential = potential + potential
        potential += _charge(row, step)
    return potential


def _deferred(potential: int, threshold: int, levels: int, code: str) -> list[int]:
    train = []
    if code == "unary":
        multiples = [threshold] * levels
    else:
        planes = levels.bit_length()
        if levels != 2**planes - 1:
            potential = min(potential, (levels + 1) * threshold - 1)
        multiples = [threshold * 2**plane for plane in reversed(range(planes))]
    for multiple in multiples:
        train.append(int(potential >= multiple))
        potential -= multiple * train[-1]
    return train


def _divide(potential: int, threshold: int, lowest: int, levels: int) -> tuple[int, int]:
    potential, level, left = potential - lowest * threshold, lowest, levels - lowest
    while left:
        multiple = (left + 1) // 2
        if potential >= multiple * threshold:
            potential -= multiple * threshold
            level += multiple
        left //= 2
    return level, potential


def _emit(level: int, most: int, code: str) -> list[int]:
    sign, magnitude = (-1 if level < 0 else 1), abs(level)
    if code == "count":
        return [level]
    if code == "unary":
        return [sign * int(step < magnitude) for step in range(most)]
    return [sign * (magnitude >> plane & 1) for plane in reversed(range(most.bit_length()))]


def _causal(charges: list[int], initial: int, threshold: int, lowest: int, largest: int) -> list[int]:
    potential, train = initial, []
    for charge in charges:
        spikes, potential = _divide(potential + charge, threshold, lowest, largest)
        train.append(spikes)
    return train


def _leaky(charges: list[int], initial: int, threshold: int, negative_threshold: int) -> list[int]:
    potential, train = initial, []
    for charge in charges:
        potential += charge
        spike = 0
        if potential >= threshold:
            potential, spike = potential - threshold, 1
        if potential < -negative_threshold:
            potential, spike = potential + negative_threshold, spike - 1
        train.append(spike)
    return train
