"""Instances of the generated top level that unrolled layers need, and the wires between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from model.golden.encoding import unary_patterns
from model.integer_network import Layer, Network
from rtl.core_plan import CorePlan, LayerPlan
from rtl.frame_pace import FramePace
from rtl.link_plan import LinkPlan
from rtl.map_instances import Instance, Parameters, Wire
from rtl.unrolled_plan import UnrolledPlan, frame_constants, level_thresholds
from rtl.widths import index_bits

_CLOCKED = {"clk": "clk", "rst": "rst"}
_PLANE_PORTS = "valid", "ready", "kind", "plane", "negative", "fault"
_EVENT_PORTS = "valid", "ready", "kind", "channel", "negative", "magnitude", "fault"
_STEP_PORTS = "valid", "ready", "kind", "fault"
_FRAME_PORTS = "valid", "ready", "fault"


def charge_name(layer: LayerPlan) -> str:
    """The generated module that sums what a time step adds."""
    return f"charge_of_{layer.name}"


def packed(values: Iterable[int], bits: int) -> str:
    """A Verilog constant of several fields, the first in the lowest bits."""
    mask, word, count = (1 << bits) - 1, 0, 0
    for value in values:
        word |= (value & mask) << count * bits
        count += 1
    return f"{count * bits}'h{word:x}"


def plane_wires(prefix: str, link: LinkPlan) -> list[Wire]:
    """The wires of a plane link."""
    sources = link.map.size
    widths = {"valid": 1, "ready": 1, "kind": 2, "plane": sources * link.magnitude_bits, "negative": sources, "fault": 1}
    return [Wire(f"{prefix}_{field}", bits) for field, bits in widths.items()]


def frame_planes_instance(network: Network, plan: CorePlan, pace: FramePace | None) -> Instance:
    """What turns pixels into time steps of an unrolled layer."""
    (number,) = plan.input_links
    patterns = (
        unary_patterns(network.encoder.levels).T.reshape(-1).tolist()
        if plan.input_unary
        else [0] * (plan.input_steps << plan.input_bits)
    )
    parameters: Parameters = {
        "PIXELS": plan.input_channels, "BITS": plan.input_bits, "UNARY": int(plan.input_unary), "STEPS": plan.input_steps,
        "STEP_BITS": index_bits(plan.input_steps), "BEATS": plan.beats, "BEAT_BITS": index_bits(plan.beats),
        "BEAT_PIXELS": plan.beat_pixels, "PATTERNS": packed(patterns, 1),
    }  # fmt: skip
    if pace is not None:
        parameters |= {"PACED": 1, "INTERVAL": pace.interval, "INTERVAL_BITS": index_bits(pace.interval)}
        parameters |= {"FRAME_BITS": pace.frame_bits}
    ports = _CLOCKED | {f"in_{port}": f"beat_{port}" for port in ("valid", "ready", "pixels")}
    ports |= {"in_beat": "beat_number", "in_end": "beat_end", "in_fault": "beat_fault"}
    ports |= {"frame_left": "1'b0" if pace is None else "frame_left"}
    ports |= {f"out_{port}": f"link{number}_{port}" for port in _PLANE_PORTS}
    return Instance("frame_planes", "u_encoder", parameters, ports)


def unrolled_wires(plan: CorePlan, index: int) -> list[Wire]:
    """Wires inside an unrolled layer, and those of adapters around it."""
    layer = plan.layers[index]
    built = _built(layer)
    link = plan.links[layer.links[0]]
    wires = [] if link.planes else plane_wires(f"step{index}", link)
    neurons = layer.channels
    widths = {"bits": built.bits, "charges": neurons * built.width, "potentials": neurons * built.width, "taken": 1, "advance": 1}
    widths |= {"summed_valid": 1, "summed_ready": 1, "summed_kind": 2, "summed_fault": 1}
    if built.compares:
        widths |= {f"frame_{port}": 1 for port in _FRAME_PORTS}
        sent = neurons * built.steps * built.step_magnitude_bits
        widths |= {"reached": neurons * built.compares, "steps": sent, "negative": neurons}
    wires += [Wire(f"unrolled{index}_{name}", bits) for name, bits in widths.items()]
    if layer.sends and not plan.links[layer.sends[0]].planes:
        wires += plane_wires(f"sent{index}", plan.links[layer.sends[0]])
    return wires


def unrolled_instances(network: Network, plan: CorePlan, index: int, stages: int, paced: bool) -> Iterator[Instance]:
    """The modules of an unrolled layer whose sums take so many stages; ``paced``: nothing behind it ever waits."""
    layer, of_network = plan.layers[index], network.layers[index]
    built, number = _built(layer), layer.links[0]
    link = plan.links[number]
    arriving = f"link{number}" if link.planes else f"step{index}"
    if not link.planes:
        yield _adapter("event_planes", f"u_planes_{layer.name}", link, f"link{number}", _EVENT_PORTS, arriving, _PLANE_PORTS)
    own = f"unrolled{index}"
    parameters: Parameters = {
        "SOURCES": link.map.size, "MAGNITUDE_BITS": link.magnitude_bits, "SIGNED": int(link.signed), "BITS": built.bits,
    }  # fmt: skip
    ports = {"plane": f"{arriving}_plane", "negative": f"{arriving}_negative", "bits": f"{own}_bits"}
    yield Instance("signed_plane", f"u_bits_{layer.name}", parameters, ports)
    ports = _CLOCKED | {"advance": f"{own}_advance", "bits": f"{own}_bits", "charges": f"{own}_charges"}
    yield Instance(charge_name(layer), f"u_charge_{layer.name}", {}, ports)
    ports = _CLOCKED | {f"in_{port}": f"{arriving}_{port}" for port in _STEP_PORTS}
    ports |= {f"out_{port}": f"{own}_summed_{port}" for port in _STEP_PORTS} | {"advance": f"{own}_advance"}
    yield Instance("plane_pipeline", f"u_stages_{layer.name}", {"STAGES": stages}, ports)
    yield _accumulator(layer, built, own)
    if built.compares:
        yield from _firing(network, of_network, plan, index, paced)
    else:
        yield _scores(network, of_network, layer, built, link, own)
    yield _counters(layer, built, link, arriving, own, stages)


def _frame(layer: LayerPlan, own: str) -> str:
    """Wires that a whole frame of potentials is handed over with: to the firing, or of a readout to the result stream."""
    return f"{own}_frame" if layer.sends else "scores"


def _built(layer: LayerPlan) -> UnrolledPlan:
    assert layer.unrolled is not None
    return layer.unrolled


def _adapter(
    module: str, name: str, link: LinkPlan, taken: str, in_ports: Iterable[str], given: str, out_ports: Iterable[str]
) -> Instance:
    """event_planes or plane_events."""
    parameters: Parameters = {
        "SOURCES": link.map.size, "CHANNEL_BITS": link.channel_bits, "MAGNITUDE_BITS": link.magnitude_bits,
    }  # fmt: skip
    if module == "plane_events":
        parameters |= {"SIGNED": int(link.signed)}
    ports = _CLOCKED | {f"in_{port}": f"{taken}_{port}" for port in in_ports}
    return Instance(module, name, parameters, ports | {f"out_{port}": f"{given}_{port}" for port in out_ports})


def _accumulator(layer: LayerPlan, built: UnrolledPlan, own: str) -> Instance:
    parameters: Parameters = {"NEURONS": layer.channels, "WIDTH": built.width, "DOUBLING": int(layer.doubling)}
    ports = _CLOCKED | {f"in_{port}": f"{own}_summed_{port}" for port in _STEP_PORTS}
    ports |= {"charges": f"{own}_charges"} | {f"frame_{port}": f"{_frame(layer, own)}_{port}" for port in _FRAME_PORTS}
    return Instance(
        "plane_accumulator", f"u_potentials_{layer.name}", parameters,
        ports | {"potentials": f"{own}_potentials", "taken": f"{own}_taken"},
    )  # fmt: skip


def _firing(network: Network, of_network: Layer, plan: CorePlan, index: int, paced: bool) -> Iterator[Instance]:
    """The decision on levels and what sends them."""
    layer, own = plan.layers[index], f"unrolled{index}"
    built, link = _built(layer), plan.links[layer.links[0]]
    thresholds = level_thresholds(network, of_network, link, built)
    sizes: Parameters = {"NEURONS": layer.channels, "STEPS": built.steps, "MAGNITUDE_BITS": built.step_magnitude_bits}
    parameters: Parameters = {
        "NEURONS": layer.channels, "WIDTH": built.width, "CODE": built.code, "FLOOR": built.floor, "COMPARES": built.compares,
        "STEPS": built.steps, "MAGNITUDE_BITS": built.step_magnitude_bits,
        "THRESHOLDS": packed(thresholds.reshape(-1).tolist(), built.width + 1),
    }  # fmt: skip
    ports = {port: f"{own}_{port}" for port in ("potentials", "reached", "steps", "negative")}
    yield Instance("level_decision", f"u_decision_{layer.name}", parameters, ports)
    following = layer.sends[0]
    given = f"link{following}" if plan.links[following].planes else f"sent{index}"
    ports = _CLOCKED | {f"frame_{port}": f"{own}_frame_{port}" for port in _FRAME_PORTS}
    ports |= {"frame_steps": f"{own}_steps", "frame_negative": f"{own}_negative"}
    ports |= {f"out_{port}": f"{given}_{port}" for port in _PLANE_PORTS}
    sizes |= {"STEP_BITS": index_bits(built.steps), "PACED": int(paced)}
    yield Instance("plane_sender", f"u_sender_{layer.name}", sizes, ports)
    if not plan.links[following].planes:
        sent = plan.links[following]
        yield _adapter("plane_events", f"u_events_{layer.name}", sent, given, _PLANE_PORTS, f"link{following}", _EVENT_PORTS)


def _scores(network: Network, of_network: Layer, layer: LayerPlan, built: UnrolledPlan, link: LinkPlan, own: str) -> Instance:
    constants = frame_constants(network, of_network, link)
    parameters: Parameters = {
        "CLASSES": layer.channels, "IN_WIDTH": built.width, "WIDTH": layer.potential_bits,
        "CONSTANTS": packed(constants.tolist(), layer.potential_bits),
    }  # fmt: skip
    return Instance("plane_scores", f"u_scores_{layer.name}", parameters, {"potentials": f"{own}_potentials", "scores": "scores"})


def _counters(layer: LayerPlan, built: UnrolledPlan, link: LinkPlan, arriving: str, own: str, stages: int) -> Instance:
    parameters: Parameters = {
        "ENABLED": "COUNTERS",
        "STAGES": stages, "SOURCES": link.map.size, "MAGNITUDE_IN_BITS": link.magnitude_bits, "NEURONS": layer.channels,
        "DOUBLING": int(layer.doubling), "DECIDES": int(built.compares > 0), "COMPARES": max(built.compares, 1),
        "COMPARED": built.compared, "STEPS": built.steps,
        "MAGNITUDE_BITS": built.step_magnitude_bits, "RESETS": packed(built.resets, 8),
    }  # fmt: skip
    ports = _CLOCKED | {"advance": f"{own}_advance", "taken": f"{own}_taken", "in_plane": f"{arriving}_plane"}
    ports |= {f"frame_{port}": f"{_frame(layer, own)}_{port}" for port in ("valid", "ready")}
    index = own.removeprefix("unrolled")
    for port in ("reached", "steps"):
        ports[port] = f"{own}_{port}" if built.compares else f"{layer.channels}'d0"
    ports |= {"counters": f"counters{index}", "frame_done": f"frame_done{index}"}
    return Instance("plane_counters", f"u_counters_{layer.name}", parameters, ports)
