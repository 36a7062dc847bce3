"""What a core is made of, part by part: the amounts that its area is a sum of, and its memories.

A part is a layer by its name, or one of ``ENCODER`` and ``RESULT``. An amount has a name that says what it counts; whatever it is
multiplied with comes from measured cores (bench/area_model.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rtl.charge_network.network import ChargeNetwork, Counter
from rtl.charge_network.stages import Stages, pipeline
from rtl.charges import Charges
from rtl.core_plan import CHUNK, PIXELS_A_BEAT, CorePlan, LayerPlan
from rtl.core_settings import DEFAULT_SETTINGS
from rtl.cost.memories import Memory
from rtl.frame_pace import FramePace, pace_of
from rtl.link_plan import LinkPlan
from rtl.widths import channel_bits, index_bits

ENCODER, RESULT = "encoder (input)", "result (output)"
"""Names that no layer can have."""


@dataclass
class Part:
    """Amounts and memories of a part of the core."""

    amounts: dict[str, float] = field(default_factory=dict)
    memories: list[Memory] = field(default_factory=list)

    def add(self, name: str, amount: float = 1, when: bool = True) -> None:
        """Count something, where it is there."""
        if when and amount:
            self.amounts[name] = self.amounts.get(name, 0.0) + amount

    def remember(self, words: int, bits: int, written: bool = False, number: int = 1) -> None:
        """Note memories of the same size."""
        self.memories += [Memory(words, bits, written)] * number

    def look_up(self, words: int, bits: int) -> None:
        """Note a table of coordinates."""
        self.memories.append(Memory(words, bits, written=False, regular=True))


def parts_of(plan: CorePlan, charges: Charges) -> dict[str, Part]:
    """The parts of a core: encoder, layers in their order, result; the sums of unrolled layers by name in ``charges``."""
    parts = {ENCODER: _encoder(plan)}
    for layer in plan.layers:
        parts[layer.name] = layer_part(plan, layer, charges)
    return parts | {RESULT: _result(plan, pace_of(plan, charges))}


def layer_part(plan: CorePlan, layer: LayerPlan, charges: Charges) -> Part:
    """One layer, with what takes its events and with its senders."""
    if layer.unrolled is not None:
        return _unrolled(plan, layer, *charges[layer.name])
    return _map(plan, layer) if layer.map is not None else _dense(plan, layer)


def _encoder(plan: CorePlan) -> Part:
    part = Part()
    if plan.planes_in:
        part.add("plane encoder")
        part.add("pixel bits in registers", plan.input_channels * plan.input_bits)
        part.add("patterns of pixels in registers", plan.input_channels << plan.input_bits, plan.input_unary)
        part.add("beats of pixels in registers", plan.beats if plan.beats > 1 else 0)
        return part
    lists, beat_bits = 1 if plan.input_unary else plan.input_bits, index_bits(plan.beats)
    payload = PIXELS_A_BEAT * (plan.input_bits if plan.input_unary else 1)
    part.add("encoder")
    part.add("encoder lists", lists)
    part.add("encoder list pointers", lists * (beat_bits + 1))
    part.add("encoder unary levels", PIXELS_A_BEAT << plan.input_bits, plan.input_unary)
    part.remember(2 << beat_bits, payload + beat_bits, True, lists)
    part.add("link forks", len(plan.input_links) - 1)
    for number in plan.input_links:
        link = plan.links[number]
        if link.is_map and not link.wired:
            part.add("pixel address bits", link.address_bits)
            part.look_up(plan.input_channels, link.address_bits)
    return part


def _result(plan: CorePlan, pace: FramePace | None) -> Part:
    part, readout = Part(), plan.layers[-1]
    scores = plan.classes * plan.score_bits
    if pace is not None:
        part.remember(1 << pace.frame_bits, scores + 1, True)
    if plan.whole_frames:
        part.add("packet")
        part.add("packet score bits", scores)
        return part
    part.add("result stream")
    part.add("result compare bits", plan.score_bits)
    part.add("score bits that move", readout.lanes * plan.score_bits)
    part.remember(plan.classes, plan.score_bits, True)
    return part


def _serializer(part: Part, neurons: int, layer: LayerPlan, bits: int, number: int = 1) -> None:
    """What sends words of so many neurons as events, with channels of so many bits."""
    magnitude = layer.magnitude_out_bits if layer.magnitude_out_bits > 1 else 0
    part.add("serializers", number)
    part.add("serializer channel bits", number * bits)
    part.add("serializer values", number * min(neurons, CHUNK) * (int(layer.signed_out) + magnitude))
    if neurons > CHUNK:
        part.add("splitters", number)
        part.add("splitter lanes", number * neurons)
        part.add("splitter values", number * neurons * (int(layer.signed_out) + magnitude))


def _flat_address(part: Part, layer: LayerPlan, link: LinkPlan) -> None:
    if link.pooling is not None:
        bits = channel_bits(layer.sources) + 1
        part.add("flat address bits", bits)
        part.look_up(1 << link.row_bits, bits)
        part.look_up(1 << link.column_bits, bits)


def _dense(plan: CorePlan, layer: LayerPlan) -> Part:
    part = Part()
    link = plan.links[layer.links[0]]
    lanes, width = layer.lanes, layer.potential_bits
    bits, several = lanes * width, layer.groups > 1
    readout = layer.engine == "readout"
    _flat_address(part, layer, link)
    part.add("readout sequencers" if readout else "sequencers")
    part.add("sequencer address bits", index_bits(layer.groups * layer.sources) + link.address_bits)
    part.add("sequencer of groups", index_bits(layer.groups), several)
    part.add("sequencer magnitude bits", layer.magnitude_in_bits, layer.magnitude_in_bits > 1)
    part.add("lane bits", bits)
    part.add("lanes", lanes, not readout)
    part.add("lane bits that double", bits, layer.doubling)
    part.add("lane bits of groups", bits, several)
    part.add("lane bits that saturate", bits, layer.saturates)
    part.add("lane bits with a carry", bits, layer.signed_in)
    part.add("lane bits with a start", bits, layer.has_start)
    part.add("lane bits with direct charge", bits, layer.direct)
    part.add("operand bits with a sign", lanes * layer.weight_bits, layer.signed_in)
    part.remember(layer.groups * layer.sources, lanes * layer.weight_bits)
    rows = 1 if readout else layer.constant_rows
    if several:
        padded = 1 << index_bits(layer.groups)
        part.remember(rows * padded, bits)
        part.remember(padded, bits, number=int(layer.has_start))
        part.remember(layer.groups, bits, True, 2 if layer.direct else 1)
    else:
        part.add("constant bits chosen from two rows", bits, rows == 2)
        part.add("constant bits chosen from four rows", bits, 2 < rows <= 4)
        part.add("constant bits chosen from eight rows", bits, 4 < rows <= 8)
        part.add("constant bits chosen from more rows", bits * (rows / 8), rows > 8)
    if not readout:
        _firing(part, layer, plan.sends_planes(layer))
    return part


def _firing(part: Part, layer: LayerPlan, planes: bool) -> None:
    """Levels and fifo of words of a dense layer; splitter and serializer, or the words of a time step that wait for its last."""
    lanes, magnitude = layer.lanes, layer.magnitude_out_bits if layer.magnitude_out_bits > 1 else 0
    out_bits = channel_bits(layer.channels)
    if layer.leveled:
        levels = lanes * layer.level_bits
        part.add("level banks")
        part.add("level bits", levels)
        part.add("level bits with a sign", levels, layer.lowest < 0)
        part.add("level bits sent in unary", levels, layer.level_code == 1)
        part.add("level bits sent in planes", levels, layer.level_code == 2)
        part.add("magnitude bits", lanes * magnitude, layer.lowest < 0)
        if layer.groups > 1:
            part.remember(layer.groups, levels, True)
    values = lanes * (max(magnitude, 1) + int(layer.signed_out))
    events = lanes * (1 + int(layer.signed_out) + magnitude) + out_bits + -(-lanes // CHUNK)
    depth_bits = index_bits(layer.time_steps * layer.groups + layer.words_under_way)
    part.add("fifo pointer bits", depth_bits)
    part.remember(1 << depth_bits, (values if planes else events) + 3, True)
    if planes:
        part.add("bits of words that wait", (layer.groups - 1) * values)
    else:
        _serializer(part, lanes, layer, out_bits)


def _unrolled(plan: CorePlan, layer: LayerPlan, sums: ChargeNetwork, stages: Stages) -> Part:
    part, built = Part(), layer.unrolled
    if plan.logic_levels != DEFAULT_SETTINGS.logic_levels:
        # Measured cores are cut as usual; what fewer registers do to tables, a few per cent more, is not known.
        stages = pipeline(sums, DEFAULT_SETTINGS.logic_levels)
    assert built is not None
    link, neurons = plan.links[layer.links[0]], layer.channels
    _flat_address(part, layer, link)
    counters = [element for element in sums.elements if isinstance(element, Counter)]
    part.add("full adders", sum(len(counter.inputs) == 3 for counter in counters))
    part.add("larger counters", sum(len(counter.inputs) > 3 for counter in counters))
    part.add("adder bits", sum(element.outputs for element in sums.elements if not isinstance(element, Counter)))
    part.add("bits of stages", sum(map(len, stages.held)))
    part.add("unrolled layers")
    part.add("stages", stages.count)
    # One time step is added to nothing.
    part.add("accumulator bits", neurons * built.width, layer.source_steps > 1)
    part.add("sum bits", neurons * built.width)
    part.add("accumulator bits that double", neurons * built.width, layer.doubling)
    part.add("compares with constants", neurons * built.compares)
    part.add("bits compared with constants", neurons * built.compares * built.width)
    part.add("compares turned into digits", neurons * built.compares, built.code != 1)
    part.add("compares with a sign", neurons * built.compares, built.floor > 0)
    if not link.planes:
        part.add("event collectors")
        part.add("collected bits", layer.sources * (link.magnitude_bits + int(link.signed)))
    if not layer.sends:
        part.add("score bits with constants", neurons * plan.score_bits)
        return part
    values = built.steps * built.step_magnitude_bits
    part.add("plane senders")
    part.add("bits of planes sent", neurons * values)
    if not plan.sends_planes(layer):
        _serializer(part, neurons, layer, channel_bits(neurons))
    return part


def _map(plan: CorePlan, layer: LayerPlan) -> Part:
    part, built = Part(), layer.map
    assert built is not None
    banks = built.banks
    count, lanes, width = banks.count, banks.lanes, layer.potential_bits
    bits, word = count * lanes * width, lanes * width
    buffers, address = plan.potential_buffers, index_bits(banks.depth)
    part.add("maps")
    part.add("bank bits", bits)
    part.add("bank bits of two buffers", bits, buffers == 2)
    part.add("bank bits with a carry", bits, any(plan.links[number].signed for number in layer.links))
    part.add("bank address bits", count * address)
    part.add("bank address bits of two buffers", count * address, buffers == 2)
    part.remember(banks.depth, word + int(buffers == 2), True, count * buffers)
    part.add("bits chosen among banks", word * (count - 1))
    widest = max(synapses.weight_bits + synapses.shifts for synapses in built.synapses)
    operand = min(widest, width)
    for synapses in built.synapses:
        _synapses(part, plan, layer, number=synapses.link, operand=operand)
    part.add("operand bits of two sources", count * lanes * operand, len(built.synapses) == 2)
    _map_decision(part, layer)
    _map_senders(part, plan, layer)
    return part


def _synapses(part: Part, plan: CorePlan, layer: LayerPlan, number: int, operand: int) -> None:
    assert layer.map is not None
    banks, link = layer.map.banks, plan.links[number]
    (synapses,) = (one for one in layer.map.synapses if one.link == number)
    address, weight = index_bits(banks.depth), index_bits(synapses.weight_words)
    part.add("window walks")
    part.add("window walk bits", weight + link.address_bits)
    part.add("addresses added", (banks.count + 1) * address)
    part.add("sequencer magnitude bits", link.magnitude_bits, link.magnitude_bits > 1)
    part.add("operand bits", banks.count * banks.lanes * operand)
    row_weights = banks.lanes * synapses.weight_banks
    part.add("operand bits shifted", row_weights * operand * index_bits(synapses.shifts + 1), synapses.shifts > 0)
    part.add("operand bits with a sign", row_weights * synapses.weight_bits, link.signed)
    part.remember(synapses.weight_words, synapses.row_weights * synapses.weight_bits)
    for axis, position_bits in ((synapses.rows, max(link.row_bits, 1)), (synapses.columns, max(link.column_bits, 1))):
        passes = 1 << index_bits(axis.most_passes) if axis.most_passes > 1 else 1
        part.look_up(passes << position_bits, 1 + axis.banks * (1 + address) + weight)
    if synapses.split > 1:
        part.look_up(1 << link.channel_bits, address + index_bits(banks.groups))


def _map_decision(part: Part, layer: LayerPlan) -> None:
    assert layer.map is not None
    built, banks = layer.map, layer.map.banks
    word, stages = banks.lanes * layer.potential_bits, layer.fires + int(layer.saturates)
    fields = 2 + index_bits(max(banks.rows, banks.columns)) + index_bits(banks.depth)
    part.add("scan address bits", index_bits(banks.depth))
    part.look_up(len(built.scan_rows), fields)
    part.look_up(len(built.scan_columns), fields)
    part.add("bits compared in windows", word, built.pooling is not None)
    part.add("bits with an offset", word)
    part.add("bits of fire stages", word * layer.fires)
    part.add("bits of saturating stages", word, layer.saturates)
    part.add("level bits of stages", banks.lanes * layer.level_bits * layer.fires)
    part.add("stages of maps", stages)
    if banks.groups > 1:
        part.remember(layer.constant_rows << index_bits(banks.groups), word, number=1 + stages)
    if layer.decides_every_step:
        part.add("bits with a state", word)
        part.remember(built.words, word, True)
        starts = built.words if layer.own_starts else banks.groups
        if starts > 1:
            part.remember(1 << index_bits(starts), word)


def _map_senders(part: Part, plan: CorePlan, layer: LayerPlan) -> None:
    assert layer.map is not None
    banks, link = layer.map.banks, plan.links[layer.sends[0]]
    lanes, magnitude = banks.lanes, layer.magnitude_out_bits if layer.magnitude_out_bits > 1 else 0
    steps = 1 if layer.decides_every_step else layer.time_steps
    word_bits, senders = index_bits(layer.map.words), len(layer.sends)
    payload = lanes * (1 + int(layer.signed_out) + magnitude) + link.address_bits + -(-lanes // CHUNK)
    part.add("level senders", senders)
    part.add("sender lists", senders * steps)
    part.add("sender list pointers", senders * steps * (word_bits + 1))
    part.add("sender masks", senders * steps * lanes)
    part.add("sender bits chosen among lists", senders * (steps - 1) * payload)
    part.add("sender magnitudes", senders * lanes * layer.level_bits, layer.lowest < 0)
    part.remember(2 << word_bits, payload, True, senders * steps)
    _serializer(part, lanes, layer, link.address_bits, senders)
