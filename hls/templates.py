"""hls4ml templates of the spiking layers: their configuration structures and the calls of their kernels."""

from __future__ import annotations

from typing import Any

from hls4ml.backends.template import FunctionCallTemplate, LayerConfigTemplate

from hls.layers import (
    POPULATIONS,
    CausalPopulation,
    DeferredPopulation,
    DividingCausalPopulation,
    DividingDeferredPopulation,
    LeakyCausalPopulation,
    ReadoutPopulation,
    SaturatingDeferredPopulation,
    SpikePlaneEncoder,
    SpikeUnaryEncoder,
)
from model.integer_network.widths import signed_bits

KERNELS: dict[type[Any], str] = {
    SpikePlaneEncoder: "encode_planes",
    SpikeUnaryEncoder: "encode_unary",
    DeferredPopulation: "deferred",
    SaturatingDeferredPopulation: "deferred_saturating",
    DividingDeferredPopulation: "deferred_dividing",
    CausalPopulation: "causal",
    DividingCausalPopulation: "causal_dividing",
    LeakyCausalPopulation: "causal_leaky",
    ReadoutPopulation: "readout",
}
"""The kernel of every layer; each stands in a header of its own in hls/kernels."""

_PIXEL_BITS = 8

_PLANE_ENCODER = """struct config{index} : isospike::encode_planes_config {{
    static const unsigned n_channels = {n_channels};
    static const unsigned n_steps = {n_steps};
    static const unsigned n_spikes_out = {n_spikes_out};
    static const unsigned highest_bit = {highest_bit};
}};
"""

_UNARY_ENCODER = """struct config{index} : isospike::encode_unary_config {{
    static const unsigned n_channels = {n_channels};
    static const unsigned n_steps = {n_steps};
    static const unsigned n_spikes_out = {n_spikes_out};
    static const unsigned shift = {shift};
    static const unsigned threshold = {threshold};
    static const unsigned initial_potential = {initial_potential};
    typedef {potential_t.name} potential_t;
}};
"""

_POPULATION = """struct config{index} : isospike::{base} {{
    static const unsigned n_sources = {n_sources};
    static const unsigned n_source_steps = {n_source_steps};
    static const bool source_is_bits = {source_is_bits};
    static const bool source_is_signed = {source_is_signed};
    static const unsigned n_magnitude_bits = {n_magnitude_bits};
    static const unsigned n_charge_bits = {n_charge_bits};
    static const unsigned n_spikes_in = {n_spikes_in};
    static const unsigned n_neurons = {n_neurons};
    static const unsigned n_lanes = {n_lanes};
    static const unsigned n_groups = {n_groups};
    static const unsigned n_rows = {n_rows};
    static const unsigned n_weights = {n_weights};
    static const unsigned n_padded = {n_padded};
{particular}    typedef {potential_t.name} potential_t;
    typedef {weight_t.name} weight_t;
{constants}}};
"""

_FIRING = """    static const unsigned n_steps = {n_steps};
    static const unsigned n_spikes_out = {n_spikes_out};
    static const isospike::wire_code code = isospike::{code}_code;
"""

_THRESHOLD = """    static const unsigned first_shift = {first_shift};
    typedef {subtracted_t} subtracted_t;
"""

_DIVIDING = """    static const int lowest = {lowest};
    static const unsigned level_range = {level_range};
    static const unsigned n_passes = {n_passes};
    static const unsigned n_multiples = {n_multiples};
    static const unsigned n_multiple_rows = {n_multiple_rows};
    static const unsigned n_level_bits = {n_level_bits};
    static const unsigned n_size_bits = {n_size_bits};
"""

_CAUSAL = """    static const bool source_is_direct = {source_is_direct};
"""


class PlaneEncoderConfig(LayerConfigTemplate):  # type: ignore[misc]
    """Configuration of the encoder of bit planes."""

    def __init__(self) -> None:
        super().__init__(SpikePlaneEncoder)

    def format(self, node: Any) -> str:
        """The C++ structure of one layer."""
        parameters = self._default_config_params(node)
        parameters["n_spikes_out"] = node.get_attr("n_steps") * node.get_attr("n_channels")
        parameters["highest_bit"] = _PIXEL_BITS - 1
        return _PLANE_ENCODER.format(**parameters)


class UnaryEncoderConfig(LayerConfigTemplate):  # type: ignore[misc]
    """Configuration of the integrate-and-fire encoder."""

    def __init__(self) -> None:
        super().__init__(SpikeUnaryEncoder)

    def format(self, node: Any) -> str:
        """The C++ structure of one layer."""
        bits = node.get_attr("bits")
        threshold = (1 << bits) - 1
        parameters = self._default_config_params(node)
        parameters["n_spikes_out"] = node.get_attr("n_steps") * node.get_attr("n_channels")
        parameters["shift"] = _PIXEL_BITS - bits
        parameters["threshold"] = threshold
        parameters["initial_potential"] = threshold // 2
        return _UNARY_ENCODER.format(**parameters)


class PopulationConfig(LayerConfigTemplate):  # type: ignore[misc]
    """Configuration of every population of neurons."""

    def __init__(self) -> None:
        super().__init__(POPULATIONS)

    def format(self, node: Any) -> str:
        """The C++ structure of one layer."""
        lanes, groups = node.get_attr("n_lanes"), node.get_attr("n_groups")
        rows = node.get_attr("n_sources") * groups
        parameters = self._default_config_params(node)
        parameters["base"] = node.base
        parameters["n_charge_bits"] = node.get_attr("weight_bits") + node.get_attr("n_magnitude_bits") - 1
        parameters["n_spikes_in"] = node.get_attr("n_sources") * node.get_attr("n_source_steps")
        parameters["n_rows"] = rows
        parameters["n_weights"] = rows * lanes
        parameters["n_padded"] = groups * lanes
        parameters["particular"] = _particular(node)
        parameters["constants"] = "".join(
            f"    typedef {node.get_attr(f'{name}_t').name} {name}_t;\n" for name in node.memories[1:]
        )
        return _POPULATION.format(**parameters)


def _particular(node: Any) -> str:
    """What a population has beyond its synapses: steps and code where it fires, how it decides, its source where causal."""
    text = ""
    if not isinstance(node, ReadoutPopulation):
        steps = node.get_attr("n_steps")
        text += _FIRING.format(n_steps=steps, n_spikes_out=steps * node.get_attr("n_neurons"), code=node.get_attr("code"))
    if "multiple" in node.memories:
        text += _dividing(node)
    elif hasattr(node, "first_shift"):
        text += _THRESHOLD.format(first_shift=node.first_shift, subtracted_t=node.get_attr("subtracted_t").name)
    if "step_bias" in node.memories:
        text += _CAUSAL.format(source_is_direct=str(node.get_attr("source_is_direct")).lower())
    return text


def _dividing(node: Any) -> str:
    lowest, level_range, passes = (node.get_attr(name) for name in ("lowest", "level_range", "n_passes"))
    rows = passes * node.get_attr("n_groups")
    highest = lowest + level_range
    return _DIVIDING.format(
        lowest=lowest,
        level_range=level_range,
        n_passes=passes,
        n_multiples=rows * node.get_attr("n_lanes"),
        n_multiple_rows=rows,
        n_level_bits=signed_bits(lowest, highest),
        n_size_bits=max(-lowest, highest).bit_length(),
    )


class KernelCall(FunctionCallTemplate):  # type: ignore[misc]
    """The call of a layer's kernel: source, output, then the memories."""

    def __init__(self, layer_class: type[Any]) -> None:
        self._kernel = KERNELS[layer_class]
        super().__init__(layer_class, include_header=[f"nnet_utils/{self._kernel}.h"])

    def format(self, node: Any) -> str:
        """The C++ statement of one layer."""
        parameters = self._default_function_params(node)
        memories = [node.get_weights(name).name for name in node.memories]
        arguments = ", ".join([parameters["input"], parameters["output"], *memories])
        types = ", ".join(parameters[name] for name in ("input_t", "output_t", "config"))
        return f"isospike::{self._kernel}<{types}>({arguments});"
