"""Makes the spiking layers known to hls4ml and its Vitis backend: layers, templates, kernels and one pass."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from hls4ml.backends import get_backend
from hls4ml.model.layers import register_layer
from hls4ml.model.optimizer import OptimizerPass

from hls.kernel_text import kernel_headers
from hls.layers import SPIKING_LAYERS
from hls.map_layers import MAP_POPULATIONS, SpikeFork
from hls.map_templates import ForkCall, ForkConfig, MapCall, MapConfig
from hls.templates import KernelCall, PlaneEncoderConfig, PopulationConfig, UnaryEncoderConfig

BACKEND = "Vitis"

LARGEST_REGISTER_ARRAY = 4096

_SENDERS: tuple[type[Any], ...] = (*SPIKING_LAYERS, *MAP_POPULATIONS, SpikeFork)


class LargeSpikeArraysInMemory(OptimizerPass):  # type: ignore[misc]
    """Leave large arrays of spikes in memories: hls4ml would split each of them into single registers."""

    def match(self, node: Any) -> bool:
        """True where a spiking layer's output is large and still to be split."""
        if not isinstance(node, _SENDERS):
            return False
        output = node.get_output_variable()
        return output.size() > LARGEST_REGISTER_ARRAY and bool(output.pragma)

    def transform(self, model: Any, node: Any) -> bool:  # noqa: ARG002 - the signature is hls4ml's
        """Take the pragma away."""
        for output in node.get_variables():
            output.pragma = None
        return False


@cache
def register_spiking_layers() -> None:
    """Register everything with hls4ml, once a process."""
    backend = get_backend(BACKEND)
    for layer in SPIKING_LAYERS:
        register_layer(layer.__name__, layer)
        backend.register_template(partial(KernelCall, layer))
    for layer in MAP_POPULATIONS:
        register_layer(layer.__name__, layer)
        backend.register_template(partial(MapCall, layer))
    register_layer(SpikeFork.__name__, SpikeFork)
    for template in (PlaneEncoderConfig, UnaryEncoderConfig, PopulationConfig, MapConfig, ForkConfig, ForkCall):
        backend.register_template(template)
    for header in kernel_headers():
        backend.register_source(header)
    backend.register_pass("large_spike_arrays_in_memory", LargeSpikeArraysInMemory, flow="vivado:specific_types")
