"""Instances of the generated top level that maps need: parameters and ports of every module, and the wires between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rtl.core_plan import CorePlan, LayerPlan
from rtl.link_plan import LinkPlan
from rtl.map_memories import Fields
from rtl.map_plan import Banks, MapPlan, SynapsePlan
from rtl.widths import channel_bits, index_bits

Parameters = dict[str, int | str]

_LINK_PORTS = "valid", "ready", "kind", "channel", "negative", "magnitude", "fault"
_PER_SOURCE = "allowed", "wants", "ended", "frame_ends", "fault", "issue", "addresses", "operands", "carry", "totals"
TOTALS_BITS = 6 * 48


@dataclass(frozen=True)
class Wire:
    """A wire of the top level."""

    name: str
    bits: int


@dataclass(frozen=True)
class Instance:
    """An instance; ports in their order, each with what is connected."""

    module: str
    name: str
    parameters: Parameters
    ports: dict[str, str]


def input_prefix(plan: CorePlan, number: int) -> str:
    """Wires that pixels arrive on for a link from the encoder: its own, or those of the module that gives them addresses."""
    return f"pixel{number}" if plan.links[number].is_map else f"link{number}"


def encoder_wires(plan: CorePlan, channel_bits: int) -> list[Wire]:
    """Wires between the encoder's serializer and the links."""
    prefixes = [input_prefix(plan, number) for number in plan.input_links if plan.links[number].is_map]
    if len(plan.input_links) > 1:
        prefixes.append("pixel")
    widths = {"valid": 1, "ready": 1, "kind": 2, "channel": channel_bits, "negative": 1, "magnitude": 1, "fault": 1}
    return [Wire(f"{prefix}_{field}", bits) for prefix in prefixes for field, bits in widths.items()]


def encoder_instances(plan: CorePlan, channel_bits: int) -> Iterator[Instance]:
    """A fork where several layers read the input, and what gives pixels their rows and columns."""
    numbers = plan.input_links
    clocked = {"clk": "clk", "rst": "rst"}
    if len(numbers) > 1:
        ports = clocked | {f"in_{port}": f"pixel_{port}" for port in _LINK_PORTS}
        ports |= {f"out_{port}": _joined([f"{input_prefix(plan, number)}_{port}" for number in numbers]) for port in _LINK_PORTS}
        yield Instance("link_fork", "u_fork", {"OUTPUTS": len(numbers), "CHANNEL_BITS": channel_bits}, ports)
    for number in numbers:
        link = plan.links[number]
        if link.is_map:
            ports = clocked | {f"in_{port}": f"pixel{number}_{port}" for port in ("valid", "ready", "kind", "fault")}
            ports |= {"in_pixel": f"pixel{number}_channel"}
            ports |= {f"out_{port}": f"link{number}_{port}" for port in ("valid", "ready", "kind", "fault")}
            ports |= {"out_address": f"link{number}_channel"}
            ports |= {"in_negative": f"pixel{number}_negative", "in_magnitude": f"pixel{number}_magnitude"}
            ports |= {"out_negative": f"link{number}_negative", "out_magnitude": f"link{number}_magnitude"}
            yield Instance("pixel_address", f"u_addresses{number}", _pixel_parameters(plan, link, channel_bits), ports)


def _pixel_parameters(plan: CorePlan, link: LinkPlan, channel_bits: int) -> Parameters:
    return {
        "PIXELS": plan.input_channels,
        "PIXEL_BITS": channel_bits,
        "ROW_BITS": link.row_bits,
        "COLUMN_BITS": link.column_bits,
        "CHANNEL_BITS": link.channel_bits,
        "WIRED": int(link.wired),
        "FILE": "" if link.wired else "memory/encoder_addresses.mem",
    }


def layer_wires(plan: CorePlan, index: int) -> list[Wire]:
    """Wires of a layer of a map, or between a map and a dense layer."""
    layer = plan.layers[index]
    wires = []
    for number in layer.links:
        link = plan.links[number]
        if link.pooling is not None:
            widths = {"valid": 1, "ready": 1, "kind": 2, "channel": channel_bits(layer.sources), "negative": 1}
            widths |= {"magnitude": link.magnitude_bits, "fault": 1, "dropped": 1}
            wires += [Wire(f"flat{number}_{field}", bits) for field, bits in widths.items()]
    if layer.map is not None:
        banks = layer.map.banks
        words = banks.count * banks.lanes * _operand_bits(layer, layer.map)
        widths = {
            "issue": banks.count, "addresses": banks.count * Fields.of(banks).address, "operands": words, "totals": TOTALS_BITS,
        }  # fmt: skip
        for number in layer.links:
            wires += [Wire(f"charge{number}_{field}", widths.get(field, 1)) for field in _PER_SOURCE]
        wires.append(Wire(f"resume{index}", 1))
    return wires


def layer_instances(plan: CorePlan, index: int) -> Iterator[Instance]:
    """The modules of a layer of a map, or what a dense layer behind a map needs."""
    layer = plan.layers[index]
    for number in layer.links:
        link = plan.links[number]
        if link.pooling is not None:
            yield _flat_instance(layer, link, number)
    if layer.map is not None:
        for place, synapses in enumerate(layer.map.synapses):
            yield _synapse_instance(plan, index, layer.map, synapses, place)
        yield _neuron_instance(plan, index, layer.map)


def _flat_instance(layer: LayerPlan, link: LinkPlan, number: int) -> Instance:
    fields = ("valid", "ready", "kind", "channel", "negative", "magnitude", "fault")
    ports = {"clk": "clk", "rst": "rst"}
    ports |= {"in_address" if field == "channel" else f"in_{field}": f"link{number}_{field}" for field in fields}
    ports |= {f"out_{field}": f"flat{number}_{field}" for field in (*fields, "dropped")}
    parameters: Parameters = {
        "ROW_BITS": link.row_bits,
        "COLUMN_BITS": link.column_bits,
        "CHANNEL_BITS": link.channel_bits,
        "MAGNITUDE_BITS": link.magnitude_bits,
        "OUT_BITS": channel_bits(layer.sources),
        "ROW_MAP": f"memory/{layer.name}_input_rows.mem",
        "COLUMN_MAP": f"memory/{layer.name}_input_columns.mem",
    }
    return Instance("flat_address", f"u_inputs_{layer.name}", parameters, ports)


def _operand_bits(layer: LayerPlan, built: MapPlan) -> int:
    """Width of what is added to a potential; more bits than a potential has would be lost anyway."""
    widest = max(synapses.weight_bits + synapses.shifts for synapses in built.synapses)
    return min(widest, layer.potential_bits)


def _bank_parameters(banks: Banks) -> Parameters:
    return {
        "LANES": banks.lanes,
        "LAST_LANES": banks.last_lanes,
        "BANK_ROWS": banks.rows,
        "BANK_COLUMNS": banks.columns,
        "GROUPS": banks.groups,
        "GROUP_BITS": index_bits(banks.groups),
        "GROUP_WORDS": banks.group_words,
        "ADDRESS_BITS": index_bits(banks.depth),
    }


def _synapse_instance(plan: CorePlan, index: int, built: MapPlan, synapses: SynapsePlan, place: int) -> Instance:
    layer, number = plan.layers[index], synapses.link
    link = plan.links[number]
    split, passes = synapses.split > 1, synapses.passes()
    rows, columns = synapses.rows.most_passes, synapses.columns.most_passes
    parameters = _bank_parameters(built.banks) | {
        "ROW_BITS": max(link.row_bits, 1),
        "COLUMN_BITS": max(link.column_bits, 1),
        "CHANNEL_BITS": link.channel_bits,
        "SIGNED": int(link.signed),
        "MAGNITUDE_BITS": link.magnitude_bits,
        "WEIGHT_BANKS": synapses.weight_banks,
        "ROW_PASSES": rows,
        "ROW_PASS_BITS": index_bits(rows),
        "COLUMN_PASSES": columns,
        "COLUMN_PASS_BITS": index_bits(columns),
        "GROUP_WEIGHTS": synapses.group_weights,
        "SPLIT": int(split),
        "REACHED": synapses.reached_channels,
        "STEP_PASSES": int(passes.sum()),
        "WEIGHT_BITS": synapses.weight_bits,
        "WEIGHT_WORDS": synapses.weight_words,
        "WEIGHT_ADDRESS_BITS": index_bits(synapses.weight_words),
        "OPERAND_BITS": _operand_bits(layer, built),
        "SHIFTS": synapses.shifts,
        "SHIFT_BITS": index_bits(synapses.shifts + 1),
        "EVERY_STEP": int(layer.causal),
        "ROW_MAP": f"memory/{layer.name}_rows_{place}.mem",
        "COLUMN_MAP": f"memory/{layer.name}_columns_{place}.mem",
        "CHANNEL_MAP": f"memory/{layer.name}_channels_{place}.mem" if split else "",
        "WEIGHTS": f"memory/{layer.name}_weights_{place}.mem",
        "COUNTERS": "COUNTERS",
    }
    ports = {"clk": "clk", "rst": "rst"}
    ports |= {f"in_{field}": f"link{number}_{field}" for field in ("valid", "ready", "kind", "negative", "magnitude", "fault")}
    ports["in_address"] = f"link{number}_channel" if link.is_map else f"{{2'b00, link{number}_channel}}"
    ports |= {field: f"charge{number}_{field}" for field in _PER_SOURCE}
    ports["resume"] = f"resume{index}"
    return Instance("map_synapses", f"u_synapses{place}_{layer.name}", parameters, ports)


def _neuron_instance(plan: CorePlan, index: int, built: MapPlan) -> Instance:
    layer, banks = plan.layers[index], built.banks
    ports = {"clk": "clk", "rst": "rst", "resume": f"resume{index}"}
    ports |= {field: _joined([f"charge{number}_{field}" for number in layer.links]) for field in _PER_SOURCE}
    fields = ("valid", "ready", "kind", "channel", "negative", "magnitude", "fault")
    ports |= {f"out_{field}": _joined([f"link{number}_{field}" for number in layer.sends]) for field in fields}
    ports |= {"counters": f"counters{index}", "frame_done": f"frame_done{index}"}
    parameters = _bank_parameters(banks) | _scan_parameters(plan, layer, built) | _decision_parameters(layer)
    parameters |= {
        "SYNAPSES": len(layer.links),
        "SENDERS": len(layer.sends),
        "WIDTH": layer.potential_bits,
        "OPERAND_BITS": _operand_bits(layer, built),
        "CARRIES": int(any(plan.links[number].signed for number in layer.links)),
        "BUFFERS": plan.potential_buffers,
        "BANK_BITS": Fields.of(banks).bank,
        "DEPTH": banks.depth,
        "DOUBLINGS": max([synapses.shifts for synapses in built.synapses]) * banks.potentials.size,
        "COUNTERS": "COUNTERS",
    }
    return Instance("map_neurons", f"u_layer_{layer.name}", parameters, ports)


def _scan_parameters(plan: CorePlan, layer: LayerPlan, built: MapPlan) -> Parameters:
    link = plan.links[layer.sends[0]]
    return {
        "ROWS": built.neurons.rows,
        "ROW_BITS": max(link.row_bits, 1),
        "COLUMNS": built.neurons.columns,
        "COLUMN_BITS": max(link.column_bits, 1),
        "CHANNEL_BITS": link.channel_bits,
        "OUT_BITS": link.address_bits,
        "WORDS": built.words,
        "WORD_BITS": index_bits(built.words),
        "ROW_ENTRIES": len(built.scan_rows),
        "ROW_ENTRY_BITS": index_bits(len(built.scan_rows)),
        "COLUMN_ENTRIES": len(built.scan_columns),
        "COLUMN_ENTRY_BITS": index_bits(len(built.scan_columns)),
        "ROW_MAP": f"memory/{layer.name}_scan_rows.mem",
        "COLUMN_MAP": f"memory/{layer.name}_scan_columns.mem",
        "POOLS": int(built.pooling is not None),
    }


def _decision_parameters(layer: LayerPlan) -> Parameters:
    assert layer.map is not None
    scans = layer.time_steps if layer.direct else 1
    steps = 1 if layer.decides_every_step else layer.time_steps
    return {
        "CAUSAL": int(layer.decides_every_step),
        "DIRECT": int(layer.direct),
        "SCANS": scans,
        "SCAN_BITS": index_bits(scans),
        "START_PER_NEURON": int(layer.own_starts),
        "START": f"memory/{layer.name}_start.mem" if layer.has_start else "",
        "SATURATES": int(layer.saturates),
        "FIRES": layer.fires,
        "MULTIPLES": _packed(layer.multiples),
        "FLOOR": -layer.lowest,
        "LEVEL_BITS": layer.level_bits,
        "LEAKS": int(layer.leaky),
        "CONSTANT_ROWS": layer.constant_rows,
        "CONSTANT_ROW_BITS": index_bits(layer.constant_rows),
        "CONSTANTS": f"memory/{layer.name}_constants.mem",
        "CODE": {"unary": 1, "bits": 2}.get(layer.code, 0),
        "STEPS": steps,
        "STEP_BITS": index_bits(steps),
        "SIGNED_OUT": int(layer.signed_out),
        "MAGNITUDE_OUT_BITS": layer.magnitude_out_bits,
    }


def _packed(multiples: Sequence[int]) -> str:
    """Eight bits a multiple, the first lowest, as a Verilog literal."""
    value = sum(multiple << 8 * place for place, multiple in enumerate(multiples))
    return f"{8 * len(multiples)}'h{value:0{2 * len(multiples)}x}"


def _joined(wires: list[str]) -> str:
    """Bits of several wires, the first lowest."""
    return wires[0] if len(wires) == 1 else "{" + ", ".join(reversed(wires)) + "}"
