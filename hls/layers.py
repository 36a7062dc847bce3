"""The spiking layers as hls4ml layers: what they need, their outputs and their weight variables."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from hls4ml.model.attributes import Attribute, TypeAttribute, WeightAttribute
from hls4ml.model.layers import Layer
from hls4ml.model.types import IntegerPrecisionType, NamedType

from model.integer_network.structure import IntArray
from model.integer_network.widths import signed_bits


def range_precision(low: int, high: int) -> Any:
    """The narrowest integer type that holds ``low``..``high``; unsigned where ``low`` is not negative."""
    if low < 0:
        return IntegerPrecisionType(width=signed_bits(low, high), signed=True)
    return IntegerPrecisionType(width=max(high.bit_length(), 1), signed=False)


def smallest_precision(values: IntArray) -> Any:
    """The narrowest integer type that holds all values; unsigned where none is negative."""
    return range_precision(int(values.min()), int(values.max()))


class _SpikeLayer(Layer):  # type: ignore[misc]
    """A layer whose output is spikes, [time steps][channels], in the narrowest type of what one time step carries."""

    def _add_spikes(self, steps: int, channels: int, low: int = 0, high: int = 1) -> None:
        self.add_output_variable([steps, channels], precision=range_precision(low, high))

    def _set_potential_type(self, width: int, signed: bool) -> None:
        self.set_attr("potential_t", NamedType(f"potential{self.index}_t", IntegerPrecisionType(width, signed)))


class _SpikeEncoder(_SpikeLayer):
    _expected_attributes: ClassVar[list[Attribute]] = [Attribute("n_channels"), Attribute("n_steps"), Attribute("bits")]
    memories: tuple[str, ...] = ()

    def initialize(self) -> None:
        """Declare the output, as hls4ml asks of every layer."""
        self._add_spikes(self.get_attr("n_steps"), self.get_attr("n_channels"))


class SpikePlaneEncoder(_SpikeEncoder):
    """Pixels as bit planes: ``bits`` and ``direct`` input."""


class SpikeUnaryEncoder(_SpikeEncoder):
    """Pixels as trains of integrate-and-fire neurons: ``unary`` input."""

    _expected_attributes: ClassVar[list[Attribute]] = [TypeAttribute("potential")]

    def initialize(self) -> None:
        """Declare output and potential."""
        super().initialize()
        # A potential below the threshold of 2**bits - 1 plus a level of at most that.
        self._set_potential_type(self.get_attr("bits") + 1, signed=False)


class _Population(_SpikeLayer):
    """Neurons with synapses; attribute ``<name>_data`` holds a memory in the layout of hls/memory_layout.py."""

    _expected_attributes: ClassVar[list[Attribute]] = [
        Attribute("n_sources"),
        Attribute("n_source_steps"),
        Attribute("source_is_bits", value_type=bool),
        Attribute("source_is_signed", value_type=bool),
        Attribute("n_magnitude_bits"),
        Attribute("n_neurons"),
        Attribute("n_lanes"),
        Attribute("n_groups"),
        Attribute("weight_bits"),
        Attribute("potential_bits"),
        TypeAttribute("potential"),
        TypeAttribute("weight"),
        WeightAttribute("weight"),
        TypeAttribute("offset"),
        WeightAttribute("offset"),
    ]
    memories: tuple[str, ...] = ("weight", "offset")
    base = "population_config"

    def initialize(self) -> None:
        """Declare potential, memories and output."""
        self._set_potential_type(self.get_attr("potential_bits"), signed=True)
        for name in self.memories:
            data = np.asarray(self.get_attr(f"{name}_data"))
            narrowest = smallest_precision(data)
            weight = IntegerPrecisionType(width=self.get_attr("weight_bits"), signed=True)
            self.add_weights_variable(name, precision=weight if name == "weight" else narrowest, data=name)
        self._add_output()

    def _add_output(self) -> None:
        raise NotImplementedError


class _FiringPopulation(_Population):
    """Neurons that send ``spike_low``..``spike_high`` in a time step."""

    _expected_attributes: ClassVar[list[Attribute]] = [
        Attribute("n_steps"),
        Attribute("code", value_type=str),
        Attribute("spike_low"),
        Attribute("spike_high"),
    ]
    base = "firing_config"

    def _add_output(self) -> None:
        spikes = self.get_attr("spike_low"), self.get_attr("spike_high")
        self._add_spikes(self.get_attr("n_steps"), self.get_attr("n_neurons"), *spikes)


class _ThresholdPopulation(_FiringPopulation):
    """Neurons that compare with their threshold, or with multiples of it that are powers of two."""

    _expected_attributes: ClassVar[list[Attribute]] = [
        TypeAttribute("threshold"),
        WeightAttribute("threshold"),
        TypeAttribute("subtracted"),
    ]
    memories: tuple[str, ...] = ("weight", "threshold", "offset")

    @property
    def first_shift(self) -> int:
        """Log2 of the multiple of the threshold that the first time step compares."""
        return self.get_attr("n_steps") - 1 if self.get_attr("code") == "bits" else 0

    def _add_output(self) -> None:
        largest = np.asarray(self.get_attr("threshold_data")) << self.first_shift
        self.set_attr("subtracted_t", NamedType(f"subtracted{self.index}_t", smallest_precision(largest)))
        super()._add_output()


class _DividingPopulation(_FiringPopulation):
    """Neurons that decide by division; ``multiple`` holds the multiples of the threshold, pass by pass."""

    _expected_attributes: ClassVar[list[Attribute]] = [
        Attribute("lowest"),
        Attribute("level_range"),
        Attribute("n_passes"),
        TypeAttribute("multiple"),
        WeightAttribute("multiple"),
    ]
    memories: tuple[str, ...] = ("weight", "multiple", "offset")
    base = "dividing_config"


class DeferredPopulation(_ThresholdPopulation):
    """Deferred neurons in unary code, or in bits where the level count is 2**planes - 1."""


class SaturatingDeferredPopulation(_ThresholdPopulation):
    """Deferred neurons in bits with another level count, so that the potential is held at a ceiling."""

    _expected_attributes: ClassVar[list[Attribute]] = [TypeAttribute("ceiling"), WeightAttribute("ceiling")]
    memories: tuple[str, ...] = ("weight", "threshold", "offset", "ceiling")


class DividingDeferredPopulation(_DividingPopulation):
    """Deferred neurons that send a count, or signed levels as packed trains or bit planes."""


_CAUSAL = [
    Attribute("source_is_direct", value_type=bool),
    TypeAttribute("step_bias"),
    WeightAttribute("step_bias"),
]
"""Of every causal population, whose ``offset`` is the initial potential."""


class CausalPopulation(_ThresholdPopulation):
    """Causal neurons that send at most one spike in a time step."""

    _expected_attributes: ClassVar[list[Attribute]] = [*_CAUSAL]
    memories: tuple[str, ...] = ("weight", "threshold", "offset", "step_bias")
    base = "causal_config"


class DividingCausalPopulation(_DividingPopulation):
    """Causal neurons that send several spikes in a time step, or negative ones."""

    _expected_attributes: ClassVar[list[Attribute]] = [*_CAUSAL]
    memories: tuple[str, ...] = ("weight", "multiple", "offset", "step_bias")


class LeakyCausalPopulation(_FiringPopulation):
    """Causal neurons whose negative spikes have a threshold of their own."""

    _expected_attributes: ClassVar[list[Attribute]] = [
        *_CAUSAL,
        TypeAttribute("threshold"),
        WeightAttribute("threshold"),
        TypeAttribute("negative_threshold"),
        WeightAttribute("negative_threshold"),
    ]
    memories: tuple[str, ...] = ("weight", "threshold", "negative_threshold", "offset", "step_bias")
    base = "causal_config"


class ReadoutPopulation(_Population):
    """The readout: scores instead of spikes."""

    def _add_output(self) -> None:
        precision = IntegerPrecisionType(width=self.get_attr("potential_bits"), signed=True)
        self.add_output_variable([self.get_attr("n_neurons")], precision=precision)


POPULATIONS: tuple[type[Any], ...] = (
    DeferredPopulation,
    SaturatingDeferredPopulation,
    DividingDeferredPopulation,
    CausalPopulation,
    DividingCausalPopulation,
    LeakyCausalPopulation,
    ReadoutPopulation,
)

SPIKING_LAYERS: tuple[type[Any], ...] = (SpikePlaneEncoder, SpikeUnaryEncoder, *POPULATIONS)
