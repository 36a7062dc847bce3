"""What the generated core is made of: sizes derived from the integer network and the parallelism, decided once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from model.base.errors import UserError
from model.integer_network import InputCode, Layer, Network, Neuron, NeuronMode, WireCode
from model.integer_network.widths import needs_saturation

LARGEST_AUTOMATIC_LANES = 128
PIXELS_A_BEAT = 8
LARGEST_MAGNITUDE = 64
_PLAIN_DECISION = (0, 1)
"""A decision between silence and one spike is one compare: no level needs to be kept."""

Engine = Literal["event", "direct", "readout"]


def index_bits(count: int) -> int:
    """Bits of an index of ``count`` things, at least 1."""
    return max((count - 1).bit_length(), 1)


@dataclass(frozen=True)
class LayerPlan:
    """One layer in hardware.

    Attributes:
        name: the layer's name in the integer network.
        engine: event (spikes in and out), direct (constant charge in) or readout.
        channels: neurons.
        lanes: neurons updated in one cycle, P.
        groups: passes over the layer for one event, ⌈N/P⌉.
        sources: input channels.
        weight_bits: width of a weight.
        potential_bits: width of a membrane potential.
        source_steps: markers a frame on the incoming link.
        signed_in: the incoming link carries negative spikes.
        magnitude_in_bits: width of the magnitude on the incoming link; 1 where it is always one.
        time_steps: markers a frame on the outgoing link, 0 for the readout.
        doubling: the potentials double between the steps of the incoming link.
        causal: fires at every incoming step.
        saturates: the level count is held below 2**time_steps − 1 by one more pass.
        one_fire_row: every fire pass takes the same threshold.
        code: wire code of the outgoing link.
        signed_out: it sends negative spikes.
        magnitude_out_bits: width of the magnitude on the outgoing link; 1 where it is always one.
        lowest: the lowest k of a decision: the level of a deferred neuron, the spike of a causal one's time step.
        highest: the largest.
        leveled: a decision takes several fire passes and keeps its level in a register; else a fire pass is a time step.
        leaky: a decision is a positive pass and a negative one, with a threshold each.
        fires: fire passes of a decision of a leveled layer; 1 for every other layer that fires, 0 for the readout.
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
    signed_in: bool
    magnitude_in_bits: int
    time_steps: int
    doubling: bool
    causal: bool
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

    @property
    def fire_rows(self) -> int:
        """Rows of thresholds in the constant memory."""
        if self.engine == "readout":
            return 0
        return self.fires if self.leveled else 1 if self.one_fire_row else self.time_steps

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
        return self.causal or self.engine == "direct"

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
        return 5 if self.leveled else 4

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
    """The whole core: encoder, layers and ports."""

    top: str
    input_channels: int
    input_bits: int
    input_unary: bool
    input_steps: int
    beats: int
    classes: int
    score_bits: int
    layers: tuple[LayerPlan, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @property
    def lanes(self) -> list[int]:
        """Lanes of every layer."""
        return [layer.lanes for layer in self.layers]


def resolve_parallelism(network: Network, parallelism: str | int | Sequence[int]) -> list[int]:
    """Lanes of every layer.

    Args:
        network: the integer network.
        parallelism: ``"auto"`` (one lane a neuron, at most 128), one number for all layers, or one each; more lanes than
            neurons are reduced to the neurons.

    Raises:
        UserError: a list of another length than the layers.
    """
    channels = [layer.neuron.neurons for layer in network.layers]
    if isinstance(parallelism, str):
        wanted = [LARGEST_AUTOMATIC_LANES] * len(channels)
    elif isinstance(parallelism, int):
        wanted = [parallelism] * len(channels)
    else:
        wanted = list(parallelism)
    if len(wanted) != len(channels):
        raise UserError(
            f"hardware.parallelism is {wanted}; it needs one number for each of the {len(channels)} layers"
            f" ({', '.join(layer.name for layer in network.layers)}), or a single number, or 'auto'"
        )
    return [min(lanes, count) for lanes, count in zip(wanted, channels, strict=True)]


def plan_core(network: Network, parallelism: str | int | Sequence[int] = "auto") -> CorePlan:
    """Derive every size of the core.

    Raises:
        UserError: lanes that do not fit the layers, or a network that the engine cannot build.
    """
    encoder = network.encoder
    lanes = resolve_parallelism(network, parallelism)
    return CorePlan(
        top="isospike_core",
        input_channels=encoder.neurons,
        input_bits=encoder.bits,
        input_unary=encoder.code is InputCode.UNARY,
        input_steps=encoder.time_steps,
        beats=-(-encoder.neurons // PIXELS_A_BEAT),
        classes=network.readout.neuron.neurons,
        score_bits=network.readout.neuron.potential_bits,
        layers=tuple(_plan_layer(network, layer, count) for layer, count in zip(network.layers, lanes, strict=True)),
    )


def magnitude_bits(wire_range: tuple[int, int]) -> int:
    """Width of the magnitude of values in a range, at least 1."""
    return max(wire_range[1], -wire_range[0], 1).bit_length()


def _plan_layer(network: Network, layer: Layer, lanes: int) -> LayerPlan:
    neuron, group = layer.neuron, layer.synapses[0]
    direct = network.source_is_direct(group.source)
    readout = neuron.mode is NeuronMode.READOUT
    engine: Engine = "readout" if readout else "direct" if direct else "event"
    arriving = network.source_wire_range(group.source)
    lowest, highest = (0, 0) if readout else neuron.decision_range
    leveled = neuron.is_leaky or (neuron.fires_by_division and (lowest, highest) != _PLAIN_DECISION)
    plan = LayerPlan(
        name=layer.name,
        engine=engine,
        channels=neuron.neurons,
        lanes=lanes,
        groups=-(-neuron.neurons // lanes),
        sources=group.weights.shape[1],
        weight_bits=group.weight_bits,
        potential_bits=neuron.potential_bits,
        source_steps=network.source_steps(group.source),
        signed_in=arriving[0] < 0,
        magnitude_in_bits=magnitude_bits(arriving),
        time_steps=neuron.time_steps,
        doubling=network.source_is_bits(group.source),
        causal=engine == "event" and neuron.mode is NeuronMode.CAUSAL,
        saturates=needs_saturation(neuron),
        one_fire_row=not leveled and neuron.code is not WireCode.BITS,
        code=str(neuron.code),
        signed_out=neuron.is_signed,
        magnitude_out_bits=magnitude_bits(neuron.wire_range),
        lowest=lowest,
        highest=highest,
        leveled=leveled,
        leaky=neuron.is_leaky,
        fires=0 if readout else _fires(neuron, leveled),
    )
    _check(plan, direct, neuron)
    return plan


def _fires(neuron: Neuron, leveled: bool) -> int:
    if not leveled:
        return 1
    return 2 if neuron.is_leaky else len(neuron.fire_multiples)


def _check(plan: LayerPlan, direct: bool, neuron: Neuron) -> None:
    """Refuse what the engine has no circuit for."""
    if direct and neuron.mode is not NeuronMode.CAUSAL:
        raise UserError(
            f"layer {plan.name} is {neuron.mode} and has direct input; the engine adds a constant charge only for causal"
            " neurons: encode the input in bits or unary"
        )
    if max(plan.highest, -plan.lowest) > LARGEST_MAGNITUDE:
        raise UserError(
            f"layer {plan.name} decides on {plan.lowest} to {plan.highest}; the engine keeps magnitudes of at most"
            f" {LARGEST_MAGNITUDE}: take fewer levels"
        )
