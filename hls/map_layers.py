"""Populations of maps, and of several sources, as hls4ml layers; the fork of what several layers read."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from hls4ml.model.attributes import Attribute, TypeAttribute, WeightAttribute
from hls4ml.model.types import IntegerPrecisionType

from hls.layers import _SpikeLayer, smallest_precision


class SpikeFork(_SpikeLayer):
    """Two copies of a source, each for one reader: ``outputs`` has two names."""

    _expected_attributes: ClassVar[list[Attribute]] = []

    def initialize(self) -> None:
        """Declare both outputs."""
        source = self.get_input_variable()
        for number, name in enumerate(self.outputs, start=1):
            self.add_output_variable(
                list(source.shape), out_name=name, var_name=f"layer{{index}}_copy{number}", precision=source.type.precision
            )


class _MapPopulation(_SpikeLayer):
    """Neurons with one group of synapses or two, each with an input and a memory of weights of its own.

    ``constants`` and ``synapses`` hold what the kernel's structures say, ``weight_bits`` the width of each group's weights,
    ``<name>_data`` a memory in the layout of hls/map_layout.py.
    """

    _expected_attributes: ClassVar[list[Attribute]] = [
        Attribute("constants", value_type=dict),
        Attribute("synapses", value_type=list),
        Attribute("weight_bits", value_type=list),
        Attribute("potential_bits"),
        TypeAttribute("potential"),
        TypeAttribute("weight"),
        WeightAttribute("weight"),
        TypeAttribute("offset"),
        WeightAttribute("offset"),
    ]
    constant_memories: tuple[str, ...] = ("offset",)

    @property
    def weight_memories(self) -> tuple[str, ...]:
        """Of the first group and, if there is one, of the second."""
        return ("weight", "second_weight")[: len(self.get_attr("synapses"))]

    @property
    def memories(self) -> tuple[str, ...]:
        """All of them, in the order of the kernel's arguments."""
        return (*self.weight_memories, *self.constant_memories)

    def initialize(self) -> None:
        """Declare potential, memories and output."""
        self._set_potential_type(self.get_attr("potential_bits"), signed=True)
        for name, bits in zip(self.weight_memories, self.get_attr("weight_bits"), strict=True):
            self.add_weights_variable(name, precision=IntegerPrecisionType(width=bits, signed=True), data=name)
        for name in self.constant_memories:
            self.add_weights_variable(name, precision=smallest_precision(np.asarray(self.get_attr(f"{name}_data"))), data=name)
        self._add_output()

    def _add_output(self) -> None:
        constants = self.get_attr("constants")
        self._add_spikes(constants["n_steps"], constants["n_neurons"], self.get_attr("spike_low"), self.get_attr("spike_high"))


class DeferredMap(_MapPopulation):
    """Deferred neurons, with max pooling or without."""

    constant_memories = ("multiple", "offset")


class CausalMap(_MapPopulation):
    """Causal neurons that decide by division; plain ones too."""

    constant_memories = ("multiple", "offset", "step_bias")


class LeakyCausalMap(_MapPopulation):
    """Causal neurons whose negative spikes have a threshold of their own."""

    constant_memories = ("threshold", "negative_threshold", "offset", "step_bias")


class ReadoutMap(_MapPopulation):
    """A readout of pooled maps or of several sources."""

    def _add_output(self) -> None:
        precision = IntegerPrecisionType(width=self.get_attr("potential_bits"), signed=True)
        self.add_output_variable([self.get_attr("constants")["n_neurons"]], precision=precision)


MAP_POPULATIONS: tuple[type[Any], ...] = (DeferredMap, CausalMap, LeakyCausalMap, ReadoutMap)
