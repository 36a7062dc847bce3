"""hls4ml templates of the layers of maps: structures of constants, and the calls of kernels with one source or two."""

from __future__ import annotations

from typing import Any

from hls4ml.backends.template import FunctionCallTemplate, LayerConfigTemplate

from hls.map_constants import Constants
from hls.map_layers import MAP_POPULATIONS, CausalMap, DeferredMap, LeakyCausalMap, ReadoutMap, SpikeFork

MAP_KERNELS: dict[type[Any], str] = {
    DeferredMap: "deferred_map",
    CausalMap: "causal_map",
    LeakyCausalMap: "causal_map_leaky",
    ReadoutMap: "readout_map",
}
"""The kernel of every layer; each stands in a header of its own, with one source and, ``…_of_two``, with two."""

_OF_TWO = "_of_two"
_GROUPS = ("first", "second")

_FORK = """struct config{index} : isospike::fork_config {{
    static const unsigned n_spikes = {n_spikes};
}};
"""

_SYNAPSES = """struct synapses{index}_{group} : isospike::synapses_config {{
{constants}    typedef {potential_t} potential_t;
    typedef {weight_t} weight_t;
}};

"""

_POPULATION = """struct config{index} : isospike::map_config {{
{constants}{synapses}    typedef {potential_t} potential_t;
{types}}};
"""


def _lines(constants: Constants) -> str:
    """One declaration a constant, of the type that its value asks for."""
    return "".join(f"    static const {_type(value)} {name} = {_value(value)};\n" for name, value in constants.items())


def _type(value: int | bool | str) -> str:
    if isinstance(value, str):
        return "isospike::wire_code"
    if isinstance(value, bool):
        return "bool"
    return "int" if value < 0 else "unsigned"


def _value(value: int | bool | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class ForkConfig(LayerConfigTemplate):  # type: ignore[misc]
    """Configuration of a fork."""

    def __init__(self) -> None:
        super().__init__(SpikeFork)

    def format(self, node: Any) -> str:
        """The C++ structure of one layer."""
        return _FORK.format(index=node.index, n_spikes=node.get_input_variable().size())


class ForkCall(FunctionCallTemplate):  # type: ignore[misc]
    """The call of a fork: source, then both copies."""

    def __init__(self) -> None:
        super().__init__(SpikeFork, include_header=["nnet_utils/fork_spikes.h"])

    def format(self, node: Any) -> str:
        """The C++ statement of one layer."""
        source = node.get_input_variable()
        arguments = ", ".join([source.name, *(node.get_output_variable(name).name for name in node.outputs)])
        return f"isospike::fork_spikes<{source.type.name}, config{node.index}>({arguments});"


class MapConfig(LayerConfigTemplate):  # type: ignore[misc]
    """Configuration of a population of a map and of its synapses."""

    def __init__(self) -> None:
        super().__init__(MAP_POPULATIONS)

    def format(self, node: Any) -> str:
        """The C++ structures of one layer."""
        potential = node.get_attr("potential_t").name
        names = _GROUPS[: len(node.weight_memories)]
        synapses = [
            _SYNAPSES.format(
                index=node.index,
                group=name,
                constants=_lines(constants),
                potential_t=potential,
                weight_t=node.get_attr(f"{memory}_t").name,
            )
            for name, constants, memory in zip(names, node.get_attr("synapses"), node.weight_memories, strict=True)
        ]
        return "".join(synapses) + _POPULATION.format(
            index=node.index,
            constants=_lines(node.get_attr("constants")),
            synapses="".join(f"    typedef synapses{node.index}_{name} {name};\n" for name in names),
            potential_t=potential,
            types="".join(f"    typedef {node.get_attr(f'{name}_t').name} {name}_t;\n" for name in node.constant_memories),
        )


class MapCall(FunctionCallTemplate):  # type: ignore[misc]
    """The call of a population's kernel: sources, output, then the memories."""

    def __init__(self, layer_class: type[Any]) -> None:
        self._kernel = MAP_KERNELS[layer_class]
        super().__init__(layer_class, include_header=[f"nnet_utils/{self._kernel}.h"])

    def format(self, node: Any) -> str:
        """The C++ statement of one layer."""
        sources = [node.get_input_variable(name) for name in node.inputs]
        output = node.get_output_variable()
        memories = [node.get_weights(name).name for name in node.memories]
        types = ", ".join([*(source.type.name for source in sources), output.type.name, f"config{node.index}"])
        arguments = ", ".join([*(source.name for source in sources), output.name, *memories])
        return f"isospike::{self._kernel}{_OF_TWO if len(sources) > 1 else ''}<{types}>({arguments});"
