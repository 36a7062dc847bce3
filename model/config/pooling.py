"""How the windows of a preset are pooled, where the conversion method has a word in it."""

from __future__ import annotations

from model.config.presets import PRESETS
from model.config.schema import Configuration, LayerTable, Pooling, Preset

CAUSAL_METHODS = ("opi", "qcfs", "dual-phase")
"""Methods whose neurons decide at every time step; pmsm's do where there is more than one."""


def is_causal(config: Configuration) -> bool:
    """Whether neurons send spikes that they cannot take back."""
    method, steps = config.conversion.method, config.conversion.time_steps
    return method in CAUSAL_METHODS or (method == "pmsm" and steps not in ("auto", 1))


def pooling_of(config: Configuration) -> Pooling:
    """What ``auto`` comes to: max or average; ``auto`` where nothing is pooled window by window."""
    network = config.network
    if network.preset is None:
        return network.pooling
    if not pools_windows(network.preset):
        return "auto"
    own: Pooling = "average"
    if any(layer.max_pool is not None for layer in PRESETS[network.preset]) and not is_causal(config):
        own = "max"
    return own if network.pooling == "auto" else network.pooling


def pools_windows(preset: Preset) -> bool:
    """Whether a preset pools window by window, so that there is a choice of how."""
    return any(isinstance(layer.max_pool, int) or isinstance(layer.average_pool, int) for layer in PRESETS[preset])


def pooled_alike(layers: list[LayerTable], pooling: Pooling) -> list[LayerTable]:
    """The layers of a preset with all their windows pooled in one way; pooling of the whole map stays."""
    return [_pooled(layer, pooling) for layer in layers]


def _pooled(layer: LayerTable, pooling: Pooling) -> LayerTable:
    if pooling == "average" and isinstance(layer.max_pool, int):
        return layer.model_copy(update={"max_pool": None, "average_pool": layer.max_pool})
    if pooling == "max" and isinstance(layer.average_pool, int):
        return layer.model_copy(update={"max_pool": layer.average_pool, "average_pool": None})
    return layer
