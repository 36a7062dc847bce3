"""docs/ir.md carried out word for word, one number at a time, by nothing but the standard library."""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

_TYPES = {"I8": ("<i1", "b", 1), "I16": ("<i2", "h", 2), "I64": ("<i8", "q", 8)}

Map = tuple[int, int, int]
Connections = list[tuple[int, int]]
Inputs = list[tuple[int, int, int, int]]


class SpecifiedNetwork:
    """Section 1: the file."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        (length,) = struct.unpack("<Q", content[:8])
        header = json.loads(content[8 : 8 + length])
        metadata = header.pop("__metadata__")
        assert metadata["format"] == "isospike-integer-network"
        assert metadata["version"] == "3"
        self.structure = json.loads(metadata["network"])
        digest = hashlib.sha256(json.dumps(self.structure, sort_keys=True, separators=(",", ":")).encode())
        self.arrays: dict[str, list[int]] = {}
        self.shapes: dict[str, list[int]] = {}
        for name in sorted(header):
            entry = header[name]
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            written, letter, size = _TYPES[entry["dtype"]]
            shape = self.shapes[name] = entry["shape"]
            # NumPy writes one byte without a byte order.
            digest.update(f"{name} {'|i1' if size == 1 else written} [{', '.join(map(str, shape))}]".encode())
            digest.update(content[start:end])
            self.arrays[name] = list(struct.unpack(f"<{(end - start) // size}{letter}", content[start:end]))
        assert digest.hexdigest() == metadata["sha256"]

    def run(self, pixels: list[int]) -> dict[str, Any]:
        """Sections 3 and 4: spikes of the input and of every layer as lists of steps, scores, class."""
        encoder = self.structure["encoder"]
        spikes = {"input": _encode(pixels, encoder["bits"], encoder["code"])}
        maps = self.maps()
        codes = {"input": encoder["code"]}
        trace: dict[str, Any] = {"input": spikes["input"]}
        for layer in self.structure["layers"]:
            name = layer["name"]
            neurons = self._layer(layer, spikes, maps, codes)
            if layer["mode"] == "readout":
                trace["scores"] = neurons
                trace["class"] = neurons.index(max(neurons))
                return trace
            spikes[name] = trace[name] = [list(step) for step in zip(*neurons, strict=True)]
            codes[name] = layer["code"]
        raise AssertionError("the last layer is a readout")

    def maps(self) -> dict[str, Map]:
        """Channels, rows and columns of what every source sends."""
        shape = self.structure["encoder"]["shape"]
        channels, rows, columns = [*shape, 1, 1] if len(shape) == 1 else [1, *shape][-3:]
        maps = {"input": (channels, rows, columns)}
        for layer in self.structure["layers"][:-1]:
            maps[layer["name"]] = (len(self.arrays[f"{layer['name']}.threshold"]), *layer["positions"])
        return maps

    def _layer(self, layer: dict[str, Any], spikes: dict[str, Any], maps: dict[str, Map], codes: dict[str, str]) -> list[Any]:
        """What every neuron sends, each a list of steps; of a readout their potentials."""
        potentials: dict[Map, Any] = {}
        sources = [group["source"] for group in layer["synapses"]]
        for target, connected in self.connections(layer, maps).items():
            wires = [(each, spikes[source], codes[source]) for each, source in zip(connected, sources, strict=True)]
            if layer["mode"] == "causal":
                potentials[target] = _charges_of_steps(wires, layer["time_steps"])
            else:
                potentials[target] = _charge_of_a_frame(wires)
        if layer["max_pooling"]:
            potentials = {
                target: max(potentials[place] for place in places) for target, places in self.windows(layer, maps).items()
            }
        return [self._neuron(layer, index, target[0], potentials[target]) for index, target in enumerate(potentials)]

    def connections(self, layer: dict[str, Any], maps: dict[str, Map]) -> dict[Map, list[Connections]]:
        """Of every potential, of every group: weight and flat source neuron of all that charges it."""
        groups = layer["synapses"]
        weights = [self.arrays[f"{layer['name']}.weights.{index}"] for index in range(len(groups))]
        shapes = [self.shapes[f"{layer['name']}.weights.{index}"] for index in range(len(groups))]
        channels, rows, columns = _potential_map(groups[0], shapes[0], maps[groups[0]["source"]])
        found = {}
        for channel in range(channels):
            for row in range(rows):
                for column in range(columns):
                    target = channel, row, column
                    found[target] = [
                        _connections(group, numbers, shape, maps[group["source"]], target)
                        for group, numbers, shape in zip(groups, weights, shapes, strict=True)
                    ]
        return found

    def windows(self, layer: dict[str, Any], maps: dict[str, Map]) -> dict[Map, list[Map]]:
        """Max pooling: of every neuron the places of its window; those outside of the map are none."""
        shape = self.shapes[f"{layer['name']}.weights.0"]
        channels, rows, columns = _potential_map(layer["synapses"][0], shape, maps[layer["synapses"][0]["source"]])
        (high, wide), (down, right), (above, left) = (layer["max_pooling"][key] for key in ("size", "stride", "padding"))
        found = {}
        for channel in range(channels):
            for row in range((rows + 2 * above - high) // down + 1):
                for column in range((columns + 2 * left - wide) // right + 1):
                    found[channel, row, column] = [
                        (channel, y, x)
                        for y in range(row * down - above, row * down - above + high)
                        for x in range(column * right - left, column * right - left + wide)
                        if 0 <= y < rows and 0 <= x < columns
                    ]
        return found

    def _neuron(self, layer: dict[str, Any], index: int, channel: int, charge: Any) -> Any:
        name = layer["name"]
        offsets = self.arrays[f"{name}.offset"]
        if layer["mode"] == "readout":
            return charge + offsets[channel]
        threshold = self.arrays[f"{name}.threshold"][channel]
        if layer["mode"] == "causal":
            own_start = len(offsets) != len(self.arrays[f"{name}.threshold"])
            start = offsets[index if own_start else channel]
            bias, negative = self.arrays[f"{name}.step_bias"][channel], self.arrays[f"{name}.negative_threshold"]
            if negative:
                return _leaky([step + bias for step in charge], start, threshold, negative[channel])
            return _causal([step + bias for step in charge], start, threshold, *layer["spikes"])
        potential = charge + offsets[channel]
        if layer["code"] == "count" or layer["lowest"] < 0 or layer["positions"] != [1, 1]:
            level, _ = _divide(potential, threshold, layer["lowest"], layer["levels"])
            return _emit(level, max(layer["levels"], -layer["lowest"]), layer["code"])
        return _deferred(potential, threshold, layer["levels"], layer["code"])


def _potential_map(group: dict[str, Any], shape: list[int], source: Map) -> Map:
    if len(shape) == 2:
        return shape[0], 1, 1
    rows, columns = (
        (source[1 + axis] // group["pooling"][axis] + 2 * group["padding"][axis] - shape[2 + axis]) // group["stride"][axis] + 1
        for axis in range(2)
    )
    return shape[0], rows, columns


def _connections(group: dict[str, Any], weights: list[int], shape: list[int], source: Map, target: Map) -> Connections:
    """Weight and flat source neuron of everything that charges one potential."""
    channels, rows, columns = source
    high, wide = group["pooling"]
    pooled = channels, rows // high, columns // wide
    inputs = _of_a_row(weights, shape, pooled, target) if len(shape) == 2 else _of_a_window(group, weights, shape, pooled, target)
    connected = []
    for weight, i, r, c in inputs:
        for y in range(r * high, r * high + high):
            for x in range(c * wide, c * wide + wide):
                connected.append((weight, (i * rows + y) * columns + x))
    return connected


def _of_a_row(weights: list[int], shape: list[int], pooled: Map, target: Map) -> Inputs:
    places = [(i, r, c) for i in range(pooled[0]) for r in range(pooled[1]) for c in range(pooled[2])]
    return [(weights[target[0] * shape[1] + number], *place) for number, place in enumerate(places)]


def _of_a_window(group: dict[str, Any], weights: list[int], shape: list[int], pooled: Map, target: Map) -> Inputs:
    channel, row, column = target
    outputs, inputs, high, wide = shape
    first = channel // (outputs // group["groups"]) * inputs
    found = []
    for i in range(inputs):
        for a in range(high):
            for b in range(wide):
                r = row * group["stride"][0] + a - group["padding"][0]
                c = column * group["stride"][1] + b - group["padding"][1]
                if 0 <= r < pooled[1] and 0 <= c < pooled[2]:
                    found.append((weights[((channel * inputs + i) * high + a) * wide + b], first + i, r, c))
    return found


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


def _charge(connected: Connections, step: list[int]) -> int:
    return sum(weight * step[neuron] for weight, neuron in connected)


def _sends_planes(code: str) -> bool:
    return code in ("bits", "direct")


def _charge_of_a_frame(wires: list[tuple[Connections, list[list[int]], str]]) -> int:
    """Planes first, aligned at the least significant one, then all that has no planes."""
    potential = 0
    planes = max([len(spikes) for _, spikes, code in wires if _sends_planes(code)], default=0)
    for weight_of_plane in reversed(range(planes)):
        potential = potential + potential
        for connected, spikes, code in wires:
            if _sends_planes(code) and weight_of_plane < len(spikes):
                potential += _charge(connected, spikes[len(spikes) - 1 - weight_of_plane])
    for connected, spikes, code in wires:
        if not _sends_planes(code):
            for step in spikes:
                potential += _charge(connected, step)
    return potential


def _charges_of_steps(wires: list[tuple[Connections, list[list[int]], str]], time_steps: int) -> list[int]:
    constant = _charge_of_a_frame([wire for wire in wires if wire[2] == "direct"])
    charges = []
    for step in range(time_steps):
        trains = [_charge(connected, spikes[step]) for connected, spikes, code in wires if code != "direct"]
        charges.append(constant + sum(trains))
    return charges


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
