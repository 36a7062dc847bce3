"""What the generated core is made of: sizes derived from the integer network and the parallelism, decided once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from model.base.errors import UserError
from model.integer_network import InputCode, Layer, Network, Neuron, NeuronMode, Synapses, WireCode
from model.integer_network.structure import INPUT
from model.integer_network.widths import needs_saturation
from rtl.core_settings import DEFAULT_SETTINGS, CoreSettings
from rtl.folding import resolve_engines, resolve_parallelism
from rtl.link_plan import LinkPlan, is_map, magnitude_bits, plan_links
from rtl.map_plan import MapPlan, plan_map
from rtl.unrolled_plan import UnrolledPlan, check_unrolled, plan_unrolled

PIXELS_A_BEAT = 8
CHUNK = 8
"""Neurons whose spikes event_serializer takes at once; a wider word is cut into chunks."""
SCORE_BITS = 32
"""Of a class or a score in a packet."""
LARGEST_MAGNITUDE = 64
_PLAIN_DECISION = (0, 1)
"""A decision between silence and one spike is one compare: no level needs to be kept."""

Engine = Literal["event", "direct", "map", "readout", "unrolled"]


@dataclass(frozen=True)
class LayerPlan:
    """One layer in hardware.

    Attributes:
        name: the layer's name in the integer network.
        engine: event (spikes in and out), direct (constant charge in), map (anything in a map, with several sources or several
            readers), readout, or unrolled (a hidden layer or the readout, a time step a cycle).
        channels: neurons.
        lanes: neurons updated in one cycle, P.
        groups: passes over the layer for one event, ⌈N/P⌉.
        sources: input channels.
        weight_bits: width of a weight.
        potential_bits: width of a membrane potential.
        source_steps: markers a frame on the incoming link, the first one where there are several.
        markers_in: markers a frame on all incoming links.
        signed_in: the incoming link carries negative spikes.
        magnitude_in_bits: width of the magnitude on the incoming link; 1 where it is always one.
        time_steps: markers a frame on the outgoing link, 0 for the readout.
        doubling: the potentials double between the steps of the incoming link.
        causal: fires at every incoming step.
        direct: fires in time steps of its own, with the same charge in each.
        saturates: the level count is held below 2**time_steps − 1 by one more pass.
        one_fire_row: every fire pass takes the same threshold.
        code: wire code of the outgoing link.
        signed_out: it sends negative spikes.
        magnitude_out_bits: width of the magnitude on the outgoing link; 1 where it is always one.
        lowest: the lowest k of a decision: the level of a deferred neuron, the spike of a causal one's time step.
        highest: the largest.
        leveled: a decision takes several fire passes and keeps its level in a register; else a fire pass is a time step.
        leaky: a decision is a positive pass and a negative one, with a threshold each.
        fires: fire passes of a decision of a leveled layer, stages of a map; 1 for any other layer that fires, 0 for the readout.
        multiples: of the threshold, what the stages of a map add to a level.
        own_starts: neurons of one channel start a frame from values of their own.
        inputs: neurons of the source whose spikes reach anything, of a dense layer.
        links: numbers of the links that it takes.
        sends: numbers of the links that it sends to.
        map: of a map, how it is built.
        unrolled: of an unrolled layer, how it is built.
    """

    name: str
    engine: Engine
    channels: int
    lanes: int
    groups: int
    sources: int
    weight_bits: int
    potential_bits: int
    source_steps: int
    markers_in: int
    signed_in: bool
    magnitude_in_bits: int
    time_steps: int
    doubling: bool
    causal: bool
    direct: bool
    saturates: bool
    one_fire_row: bool
    code: str
    signed_out: bool
    magnitude_out_bits: int
    lowest: int
    highest: int
    leveled: bool
    leaky: bool
    fires: int
    multiples: tuple[int, ...]
    own_starts: bool
    inputs: int
    links: tuple[int, ...]
    sends: tuple[int, ...]
    map: MapPlan | None = None
    unrolled: UnrolledPlan | None = None

    @property
    def fire_rows(self) -> int:
        """Rows of thresholds in the constant memory."""
        if self.engine == "readout":
            return 0
        return self.fires if self.leveled or self.engine == "map" else 1 if self.one_fire_row else self.time_steps

    @property
    def constant_rows(self) -> int:
        """Rows of the constant memory: additions, then thresholds."""
        return 1 + int(self.saturates) + self.fire_rows

    @property
    def has_start(self) -> bool:
        """True where potentials start a frame from a memory and not from zero."""
        return self.decides_every_step

    @property
    def decides_every_step(self) -> bool:
        """Causal neurons: a decision in every time step, none at the end of the frame."""
        return self.causal or self.direct

    @property
    def scans(self) -> int:
        """Scans of a frame, of a map."""
        return self.time_steps if self.decides_every_step else 1

    @property
    def fire_passes(self) -> int:
        """Passes of a frame that compare with a threshold."""
        decisions = self.time_steps if self.decides_every_step or not self.leveled else 1
        return decisions * self.fires

    @property
    def emission_passes(self) -> int:
        """Passes of a frame that only send: a level's first time step leaves with the last compare of its decision."""
        return self.time_steps - 1 if self.leveled and not self.decides_every_step else 0

    @property
    def words_under_way(self) -> int:
        """Words between the decision of a pass that sends and the fifo of spike_output, which must not make it stall a frame."""
        return 8 if self.leveled else 7

    @property
    def level_range(self) -> int:
        """Difference between the largest and the lowest k."""
        return self.highest - self.lowest

    @property
    def level_bits(self) -> int:
        """Width of a level register, with a sign where there are negative levels; at least 2."""
        signed = max((-self.lowest - 1).bit_length(), self.highest.bit_length()) + 1
        return max(signed if self.lowest < 0 else self.highest.bit_length(), 2)

    @property
    def level_code(self) -> int:
        """CODE of level_bank: 0 whole levels in one time step, 1 packed early, 2 bit planes."""
        if not self.leveled or self.decides_every_step or self.time_steps == 1:
            return 0
        return {WireCode.UNARY.value: 1, WireCode.BITS.value: 2}[self.code]


@dataclass(frozen=True)
class CorePlan:
    """The whole core: encoder, links, layers and ports; link i is the i-th group of synapses in the network.

    A frame is ``beats`` beats of ``beat_pixels`` pixels, a packet ``packet_beats`` beats: one word of class and scores where
    the port takes whole frames.
    """

    top: str
    input_channels: int
    input_bits: int
    input_unary: bool
    input_steps: int
    beats: int
    beat_pixels: int
    packet_beats: int
    classes: int
    score_bits: int
    links: tuple[LinkPlan, ...]
    potential_buffers: int
    logic_levels: int
    layers: tuple[LayerPlan, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; of a map its banks and memories."""
        layers = [asdict(replace(layer, map=None)) | {"map": _described(layer.map)} for layer in self.layers]
        return asdict(replace(self, layers=())) | {
            "layers": layers,
            "engines": self.engines,
            "port": "frame" if self.whole_frames else "stream",
        }

    @property
    def lanes(self) -> list[int]:
        """Lanes of every layer."""
        return [layer.lanes for layer in self.layers]

    @property
    def engines(self) -> list[str]:
        """What ``hardware.engine`` says of every layer: unrolled, or event for everything else."""
        return ["event" if layer.unrolled is None else "unrolled" for layer in self.layers]

    @property
    def whole_frames(self) -> bool:
        """True where a beat is a frame, and a packet a beat."""
        return self.packet_beats == 1

    @property
    def beat_bits(self) -> int:
        """Width of TDATA of the incoming stream."""
        return 8 * self.beat_pixels

    @property
    def packet_bits(self) -> int:
        """Width of TDATA of the outgoing stream."""
        return SCORE_BITS * (1 + self.classes) // self.packet_beats

    @property
    def planes_in(self) -> bool:
        """True where the encoder sends whole time steps."""
        return any(self.links[number].planes for number in self.input_links)

    @property
    def clearing_cycles(self) -> int:
        """Cycles after a reset in which maps clear their potentials, a word a cycle, and take nothing; 0 without maps."""
        return max((layer.map.banks.depth + 1 for layer in self.layers if layer.map is not None), default=0)

    def sends_planes(self, layer: LayerPlan) -> bool:
        """True where a layer sends whole time steps."""
        return any(self.links[number].planes for number in layer.sends)

    @property
    def input_links(self) -> tuple[int, ...]:
        """Numbers of the links that the encoder sends to."""
        return tuple(number for number, link in enumerate(self.links) if link.source == INPUT)


def _described(plan: MapPlan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    banks = plan.banks
    return {
        "potentials": list(banks.potentials), "neurons": list(plan.neurons), "word_lanes": banks.lanes,
        "banks": [banks.rows, banks.columns], "bank_words": banks.depth, "scan_cycles": plan.scan_cycles,
        "weight_words": [synapses.weight_words for synapses in plan.synapses],
    }  # fmt: skip


def plan_core(
    network: Network,
    parallelism: str | int | Sequence[int] = "auto",
    engine: str | Sequence[str] = "event",
    settings: CoreSettings = DEFAULT_SETTINGS,
) -> CorePlan:
    """Derive every size of the core.

    Args:
        network: the integer network.
        parallelism: see ``resolve_parallelism``.
        engine: see ``resolve_engines``.
        settings: of the whole core.

    Raises:
        UserError: lanes or engines that do not fit the layers, or a network that the engines cannot build.
    """
    encoder = network.encoder
    lanes = resolve_parallelism(network, parallelism)
    engines = resolve_engines(network, engine)
    if "auto" in engines:
        raise UserError("hardware.engine is auto, which the fold step decides; a core takes event or unrolled for each layer")
    unrolled = {layer.name for layer, chosen in zip(network.layers, engines, strict=True) if chosen == "unrolled"}
    links = plan_links(network, unrolled)
    frame = settings.port == "frame"
    if frame and not (encoder_readers(network) <= unrolled and network.readout.name in unrolled):
        raise UserError(
            "hardware.port is frame, but the first layer and the readout are not both unrolled; an event engine takes eight"
            " pixels a beat: set hardware.engine to unrolled for them, or hardware.port to stream"
        )
    beat_pixels = encoder.neurons if frame else PIXELS_A_BEAT
    classes = network.readout.neuron.neurons
    return CorePlan(
        top="isospike_core",
        input_channels=encoder.neurons,
        input_bits=encoder.bits,
        input_unary=encoder.code is InputCode.UNARY,
        input_steps=encoder.time_steps,
        beats=-(-encoder.neurons // beat_pixels),
        beat_pixels=beat_pixels,
        packet_beats=1 if frame else 1 + classes,
        classes=classes,
        score_bits=network.readout.neuron.potential_bits,
        links=links,
        potential_buffers=settings.potential_buffers,
        logic_levels=settings.logic_levels,
        layers=tuple(
            _plan_layer(network, layer, count, links, layer.name in unrolled)
            for layer, count in zip(network.layers, lanes, strict=True)
        ),
    )


def encoder_readers(network: Network) -> set[str]:
    """Layers that read the input."""
    return {layer.name for layer, _ in network.readers(INPUT)}


def _plan_layer(network: Network, layer: Layer, lanes: int, links: tuple[LinkPlan, ...], unroll: bool) -> LayerPlan:
    neuron, group = layer.neuron, layer.synapses[0]
    direct = network.has_direct_charge(layer)
    readout = neuron.mode is NeuronMode.READOUT
    in_map = is_map(network, layer)
    taken = tuple(number for number, link in enumerate(links) if link.target == layer.name)
    if unroll:
        check_unrolled(network, layer)
    _check(network, layer)
    built = plan_map(network, layer, lanes, taken) if in_map else None
    engine: Engine = "unrolled" if unroll else "readout" if readout else "map" if in_map else "direct" if direct else "event"
    lowest, highest = (0, 0) if readout else neuron.decision_range
    leveled = neuron.is_leaky or (neuron.fires_by_division and (lowest, highest) != _PLAIN_DECISION)
    return LayerPlan(
        name=layer.name,
        engine=engine,
        channels=neuron.neurons,
        lanes=neuron.neurons if unroll else lanes,
        groups=1 if unroll else built.banks.groups if built is not None else -(-neuron.neurons // lanes),
        sources=group.weights.shape[1],
        weight_bits=group.weight_bits,
        potential_bits=neuron.potential_bits,
        source_steps=network.source_steps(group.source),
        markers_in=sum(network.source_steps(each.source) for each in layer.synapses),
        signed_in=links[taken[0]].signed,
        magnitude_in_bits=links[taken[0]].magnitude_bits,
        time_steps=neuron.time_steps,
        doubling=network.planes(layer) > 0,
        causal=neuron.mode is NeuronMode.CAUSAL and not direct,
        direct=direct,
        saturates=needs_saturation(neuron),
        one_fire_row=not leveled and not in_map and neuron.code is not WireCode.BITS,
        code=str(neuron.code),
        signed_out=neuron.is_signed,
        magnitude_out_bits=magnitude_bits(neuron.wire_range),
        lowest=lowest,
        highest=highest,
        leveled=leveled,
        leaky=neuron.is_leaky,
        fires=0 if readout else _fires(neuron, leveled or in_map),
        multiples=(1, 1) if neuron.is_leaky else neuron.fire_multiples,
        own_starts=neuron.offset.size != neuron.channels,
        inputs=_inputs(network, group),
        links=taken,
        sends=tuple(number for number, link in enumerate(links) if link.source == layer.name),
        map=built,
        unrolled=plan_unrolled(network, layer, links[taken[0]]) if unroll else None,
    )


def _inputs(network: Network, group: Synapses) -> int:
    """Neurons of a source that lie in a window of average pooling."""
    source = network.source_map(group.source)
    pooled = group.pooled(source)
    return source.channels * pooled.rows * group.pooling[0] * pooled.columns * group.pooling[1]


def _fires(neuron: Neuron, several: bool) -> int:
    if not several:
        return 1
    return 2 if neuron.is_leaky else len(neuron.fire_multiples)


def _check(network: Network, layer: Layer) -> None:
    """Refuse what the engine has no circuit for."""
    neuron = layer.neuron
    direct = [network.source_is_direct(group.source) for group in layer.synapses]
    if any(direct) and neuron.mode is not NeuronMode.CAUSAL:
        raise UserError(
            f"layer {layer.name} is {neuron.mode} and has direct input; the engine adds a constant charge only for causal"
            " neurons: encode the input in bits or unary"
        )
    if any(direct) and not all(direct):
        raise UserError(
            f"layer {layer.name} adds direct input to spikes; the engine keeps one kind of charge a layer: add a layer that both"
            " can come from"
        )
    if neuron.mode is NeuronMode.READOUT and len(layer.synapses) > 1:
        raise UserError(
            f"layer {layer.name} is a readout of {len(layer.synapses)} sources; the engine has a link for one: add the sources"
            " in a layer before it"
        )
    lowest, highest = (0, 0) if neuron.mode is NeuronMode.READOUT else neuron.decision_range
    if max(highest, -lowest) > LARGEST_MAGNITUDE:
        raise UserError(
            f"layer {layer.name} decides on {lowest} to {highest}; the engine keeps magnitudes of at most"
            f" {LARGEST_MAGNITUDE}: take fewer levels"
        )
