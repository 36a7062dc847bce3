"""Layers of maps alone, each in a module of its own, and what they must send, worked out potential by potential."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Neuron,
    NeuronMode,
    Synapses,
    Window,
    WireCode,
    verify_network,
    with_proved_widths,
)
from rtl.core_plan import CorePlan, plan_core
from rtl.core_settings import CoreSettings
from rtl.generate import written_parameters
from rtl.map_instances import Wire, layer_instances, layer_wires
from rtl.memory_files import write_memories

NONE = np.zeros(0, dtype=np.int64)
TESTED, SOURCE = 1, "first"
Event = tuple[int, int, int, int]
"""Channel, row, column and value."""


@dataclass(frozen=True)
class Case:
    """A layer and what it takes: shapes, window, lanes, and the codes on either side."""

    name: str
    source: tuple[int, int, int]
    channels: int
    lanes: int
    kernel: tuple[int, int] = (3, 3)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (1, 1)
    groups: int = 1
    pooling: tuple[int, int] = (1, 1)
    max_pooling: Window | None = None
    code: WireCode = WireCode.BITS
    lowest: int = 0
    arriving: tuple[WireCode, int, int] = (WireCode.BITS, 0, 3)
    adds_identity: bool = False
    buffers: int = 2


CASES = (
    Case("whole_window", (2, 6, 5), 5, 45, max_pooling=Window((2, 2), (2, 2))),
    Case("row_of_the_window", (2, 6, 5), 3, 9, code=WireCode.UNARY),
    Case("one_tap_in_three_groups", (2, 5, 4), 5, 2, kernel=(2, 3), padding=(0, 1), lowest=-2, code=WireCode.COUNT),
    Case("stride_two_of_packets", (3, 7, 6), 4, 16, stride=(2, 2), arriving=(WireCode.COUNT, -2, 3)),
    Case("depthwise_in_two_groups", (6, 5, 5), 6, 4, groups=6, code=WireCode.UNARY, lowest=-1),
    Case("groups_across_words", (4, 5, 5), 6, 2, groups=2, arriving=(WireCode.UNARY, 0, 2)),
    Case("average_with_remainder", (2, 7, 5), 3, 27, pooling=(2, 2), kernel=(2, 2), padding=(1, 0)),
    Case("overlapping_windows", (2, 6, 6), 3, 3, max_pooling=Window((3, 3), (2, 2), (1, 1))),
    Case("sum_with_identity", (3, 5, 6), 3, 27, adds_identity=True),
    Case(
        "packets_in_one_buffer", (2, 6, 5), 5, 45, arriving=(WireCode.COUNT, -2, 3), max_pooling=Window((2, 2), (2, 2)), buffers=1
    ),
    Case("identity_in_one_buffer", (3, 5, 6), 3, 27, adds_identity=True, buffers=1),
)


def network_of(case: Case) -> Network:
    """A layer that gives the source its map and code, the layer of the case, and a readout."""
    generator = np.random.default_rng(len(case.name))
    channels, rows, columns = case.source
    code, low, high = case.arriving
    source = _neuron(generator, code, low, high, channels, (rows, columns))
    groups = [
        Synapses(
            SOURCE, _weights(generator, (case.channels, channels // case.groups, *case.kernel)), 4,
            case.pooling, case.stride, case.padding, case.groups,
        )
    ]  # fmt: skip
    if case.adds_identity:
        groups.append(Synapses(SOURCE, _weights(generator, (channels, 1, 1, 1)), 4, groups=channels))
    potentials = groups[0].output(source.map)
    positions = potentials.positions if case.max_pooling is None else case.max_pooling.positions(*potentials.positions)
    tested = _neuron(generator, case.code, case.lowest, 3, case.channels, positions)
    layers = (
        Layer(SOURCE, (Synapses("input", _weights(generator, (channels, channels, 1, 1)), 4),), source),
        Layer("tested", tuple(groups), tested, case.max_pooling),
        Layer(
            "readout",
            (Synapses("tested", _weights(generator, (2, tested.neurons)), 4),),
            Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, NONE, np.zeros(2, dtype=np.int64), NONE, 0),
        ),
    )
    network = Network(case.name, "pascal", Encoder(case.source, 1, InputCode.BITS), layers)
    return verify_network(with_proved_widths(network))


def _weights(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return generator.integers(-7, 8, shape)


def _neuron(
    generator: np.random.Generator, code: WireCode, low: int, high: int, channels: int, positions: tuple[int, int]
) -> Neuron:
    largest = max(high, -low)
    steps = {WireCode.UNARY: largest, WireCode.BITS: largest.bit_length(), WireCode.COUNT: 1}[code]
    threshold, offset = generator.integers(3, 12, channels), generator.integers(-6, 7, channels)
    return Neuron(NeuronMode.DEFERRED, code, high, steps, threshold, offset, NONE, 0, lowest=low, positions=positions)


def plan_of(case: Case) -> CorePlan:
    """Its plan; the source is read twice where an identity is added."""
    return plan_core(network_of(case), [1, case.lanes, 1], settings=CoreSettings(case.buffers))


def write_bench(folder: Path) -> Path:
    """Memory files of all cases and the text of the bench, whose ports carry the name of the case."""
    # Python reaches the ports and nothing else, which leaves Verilator free to optimise the rest away.
    ports = [f"    input wire {name} /* verilator public_flat_rw */" for name in ("clk", "rst")]
    instances, modules = [], []
    for case in CASES:
        network, plan = network_of(case), plan_of(case)
        write_memories(network, plan, folder / case.name / "memory")
        interface = _interface(plan)
        modules += _case_module(case.name, plan, interface)
        ports += [
            f"    {wire_of(direction, bits)} {case.name}_{name} /* verilator public_flat_rw */"
            for direction, name, bits in interface
        ]
        connections = ", ".join(f".{name}({case.name}_{name})" for _, name, _ in interface)
        instances.append(f"    layer_{case.name} u_{case.name} (.clk(clk), .rst(rst), {connections});")
    head = ["module map_bench (", ",\n".join(ports), ");"]
    text = "\n".join([*modules, *head, *instances, "endmodule", ""])
    path = folder / "map_bench.v"
    path.write_text(text)
    return path


def wire_of(direction: str, bits: int) -> str:
    """Declaration of a port."""
    return f"{direction} wire [{bits - 1}:0]"


def _interface(plan: CorePlan) -> list[tuple[str, str, int]]:
    """(direction, name, bits): the links that the layer takes and sends, and its counters."""
    tested = plan.layers[TESTED]
    found = []
    for prefix, numbers, forward, back in (("in", tested.links, "input", "output"), ("out", tested.sends, "output", "input")):
        for place, number in enumerate(numbers):
            link = plan.links[number]
            widths = {"valid": 1, "kind": 2, "channel": link.address_bits, "negative": 1, "fault": 1}
            widths["magnitude"] = link.magnitude_bits
            found += [(forward, f"{prefix}{place}_{field}", bits) for field, bits in widths.items()]
            found.append((back, f"{prefix}{place}_ready", 1))
    return [*found, ("output", "frame_done", 1)]


def _case_module(name: str, plan: CorePlan, interface: list[tuple[str, str, int]]) -> list[str]:
    tested = plan.layers[TESTED]
    ports = ",\n".join(f"    {wire_of(direction, bits)} {port}" for direction, port, bits in interface)
    lines = [f"module layer_{name} (", "    input wire clk,", "    input wire rst,", ports, ");"]
    wires = [*layer_wires(plan, TESTED), Wire(f"counters{TESTED}", 720)]
    lines += [f"    wire [{wire.bits - 1}:0] {wire.name};" for wire in wires]
    renamed = {f"link{number}_": f"in{place}_" for place, number in enumerate(tested.links)}
    renamed |= {f"link{number}_": f"out{place}_" for place, number in enumerate(tested.sends)}
    renamed |= {f"frame_done{TESTED}": "frame_done"}
    for made in layer_instances(plan, TESTED):
        parameters = ", ".join(f".{key}({value})" for key, value in written_parameters(made).items() if key != "COUNTERS")
        connections = ", ".join(f".{port}({connected})" for port, connected in made.ports.items())
        for old, new in renamed.items():
            connections = connections.replace(old, new)
        parameters = parameters.replace('"memory/', f'"{name}/memory/')
        lines.append(f"    {made.module} #({parameters}, .COUNTERS(1)) {made.name} ({connections});")
    return [*lines, "endmodule"]


def expected_events(case: Case, network: Network, received: list[list[list[Event]]]) -> list[set[Event]]:
    """What each time step must send, from the events of every source, step by step."""
    layer = network.layers[TESTED]
    potentials = network.potential_map(layer)
    charge = np.zeros(potentials, dtype=np.int64)
    bits = case.arriving[0] is WireCode.BITS
    for group, steps in zip(layer.synapses, received, strict=True):
        for step, events in enumerate(steps):
            places = 1 << (len(steps) - 1 - step) if bits else 1
            for event in events:
                _charge(charge, group, network, event, places)
    neuron = layer.neuron
    levels = np.zeros(neuron.map, dtype=np.int64)
    for channel, row, column in product(*map(range, neuron.map)):
        reached = charge[channel, row, column]
        if case.max_pooling is not None:
            rows = _covered(case.max_pooling, 0, row, potentials.rows)
            columns = _covered(case.max_pooling, 1, column, potentials.columns)
            reached = max(charge[channel, y, x] for y in rows for x in columns)
        level = (reached + neuron.offset[channel]) // neuron.threshold[channel]
        levels[channel, row, column] = min(max(level, neuron.lowest), neuron.levels)
    return [events_of(levels, neuron, step) for step in range(neuron.time_steps)]


def _covered(window: Window, axis: int, number: int, length: int) -> list[int]:
    """Rows or columns of a window that lie on the map."""
    top = number * window.stride[axis] - window.padding[axis]
    return [place for place in range(top, top + window.size[axis]) if 0 <= place < length]


def _charge(charge: np.ndarray, group: Synapses, network: Network, event: Event, places: int) -> None:
    channel, row, column, value = event
    pooled = group.pooled(network.source_map(group.source))
    row, column = row // group.pooling[0], column // group.pooling[1]
    if row >= pooled.rows or column >= pooled.columns:
        return
    members = group.weights.shape[1]
    readers = len(group.weights) // group.groups
    for output in range(channel // members * readers, (channel // members + 1) * readers):
        for y, x in product(range(charge.shape[1]), range(charge.shape[2])):
            down = row - (y * group.stride[0] - group.padding[0])
            across = column - (x * group.stride[1] - group.padding[1])
            if 0 <= down < group.weights.shape[2] and 0 <= across < group.weights.shape[3]:
                charge[output, y, x] += places * value * group.weights[output, channel % members, down, across]


def events_of(levels: np.ndarray, neuron: Neuron, step: int) -> set[Event]:
    """What levels (channels, rows, columns) send in a time step."""
    found = set()
    for (channel, row, column), level in np.ndenumerate(levels):
        sign, size = (1 if level > 0 else -1), abs(int(level))
        value = {
            WireCode.COUNT: size,
            WireCode.UNARY: int(size > step),
            WireCode.BITS: size >> (neuron.time_steps - 1 - step) & 1,
        }[neuron.code]
        if value:
            found.add((channel, row, column, sign * value))
    return found
