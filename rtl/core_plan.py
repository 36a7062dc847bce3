"""What the generated core is made of: sizes derived from the integer network and the parallelism, decided once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from model.base.errors import UserError
from model.integer_network import InputCode, Layer, Network, NeuronMode, WireCode
from model.integer_network.widths import needs_saturation

LARGEST_AUTOMATIC_LANES = 128
PIXELS_A_BEAT = 8

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
        time_steps: fire passes a frame, 0 for the readout.
        doubling: the potentials double between the steps of the incoming link.
        causal: fires at every incoming step.
        saturates: the level count is held below 2**time_steps − 1 by one more pass.
        one_fire_row: every fire pass takes the same threshold.
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
    time_steps: int
    doubling: bool
    causal: bool
    saturates: bool
    one_fire_row: bool

    @property
    def constant_rows(self) -> int:
        """Rows of the constant memory: additions, then negated thresholds."""
        if self.engine == "readout":
            return 1
        return 1 + int(self.saturates) + (1 if self.one_fire_row else self.time_steps)

    @property
    def has_start(self) -> bool:
        """True where potentials start a frame from a memory and not from zero."""
        return self.causal or self.engine == "direct"


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
    channels = [layer.neuron.channels for layer in network.layers]
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
    """Derive every size of the core."""
    encoder = network.encoder
    lanes = resolve_parallelism(network, parallelism)
    return CorePlan(
        top="isospike_core",
        input_channels=encoder.channels,
        input_bits=encoder.bits,
        input_unary=encoder.code is InputCode.UNARY,
        input_steps=encoder.time_steps,
        beats=-(-encoder.channels // PIXELS_A_BEAT),
        classes=network.readout.neuron.channels,
        score_bits=network.readout.neuron.potential_bits,
        layers=tuple(_plan_layer(network, layer, count) for layer, count in zip(network.layers, lanes, strict=True)),
    )


def _plan_layer(network: Network, layer: Layer, lanes: int) -> LayerPlan:
    neuron, group = layer.neuron, layer.synapses[0]
    direct = network.source_is_direct(group.source)
    engine: Engine = "readout" if neuron.mode is NeuronMode.READOUT else "direct" if direct else "event"
    steps_on_link = network.source_steps(group.source)
    return LayerPlan(
        name=layer.name,
        engine=engine,
        channels=neuron.channels,
        lanes=lanes,
        groups=-(-neuron.channels // lanes),
        sources=group.weights.shape[1],
        weight_bits=group.weight_bits,
        potential_bits=neuron.potential_bits,
        source_steps=steps_on_link,
        time_steps=neuron.time_steps,
        doubling=network.source_is_bits(group.source),
        causal=engine == "event" and neuron.mode is NeuronMode.CAUSAL,
        saturates=needs_saturation(neuron),
        one_fire_row=neuron.code is not WireCode.BITS,
    )
