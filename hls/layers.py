"""The spiking layers as hls4ml layers: what they need, their outputs and their weight variables."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from hls4ml.model.attributes import Attribute, TypeAttribute, WeightAttribute
from hls4ml.model.layers import Layer
from hls4ml.model.types import IntegerPrecisionType, NamedType

from model.integer_network.structure import IntArray
from model.integer_network.widths import signed_bits


def smallest_precision(values: IntArray) -> Any:
    """The narrowest integer type that holds all values; unsigned where none is negative."""
    low, high = int(values.min()), int(values.max())
    if low < 0:
        return IntegerPrecisionType(width=signed_bits(low, high), signed=True)
    return IntegerPrecisionType(width=max(high.bit_length(), 1), signed=False)


class _SpikeLayer(Layer):  # type: ignore[misc]
    """A layer whose output is spikes, [time steps][channels] of one bit."""

    def _add_spikes(self, steps: int, channels: int) -> None:
        self.add_output_variable([steps, channels], precision=IntegerPrecisionType(width=1, signed=False))

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
    _expected_attributes: ClassVar[list[Attribute]] = [
        Attribute("n_steps"),
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
        self._add_spikes(self.get_attr("n_steps"), self.get_attr("n_neurons"))


class DeferredPopulation(_FiringPopulation):
    """Deferred neurons in unary code, or in bits where the level count is 2**planes - 1."""

    _expected_attributes: ClassVar[list[Attribute]] = [Attribute("code", value_type=str)]


class SaturatingDeferredPopulation(_FiringPopulation):
    """Deferred neurons in bits with another level count, so that the potential is held at a ceiling."""

    _expected_attributes: ClassVar[list[Attribute]] = [
        Attribute("code", value_type=str),
        TypeAttribute("ceiling"),
        WeightAttribute("ceiling"),
    ]
    memories: tuple[str, ...] = ("weight", "threshold", "offset", "ceiling")


class CausalTrainPopulation(_FiringPopulation):
    """Causal neurons behind a spike train; ``offset`` is the initial potential."""

    _expected_attributes: ClassVar[list[Attribute]] = [TypeAttribute("step_bias"), WeightAttribute("step_bias")]
    memories: tuple[str, ...] = ("weight", "threshold", "offset", "step_bias")


class CausalDirectPopulation(CausalTrainPopulation):
    """Causal neurons behind direct input."""


class ReadoutPopulation(_Population):
    """The readout: scores instead of spikes."""

    def _add_output(self) -> None:
        precision = IntegerPrecisionType(width=self.get_attr("potential_bits"), signed=True)
        self.add_output_variable([self.get_attr("n_neurons")], precision=precision)


SPIKING_LAYERS: tuple[type[Any], ...] = (
    SpikePlaneEncoder,
    SpikeUnaryEncoder,
    DeferredPopulation,
    SaturatingDeferredPopulation,
    CausalTrainPopulation,
    CausalDirectPopulation,
    ReadoutPopulation,
)
