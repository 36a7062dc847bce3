"""What the keys of training come to: the activation behind ``auto``, whether there is a second stage, and what training reads."""

from __future__ import annotations

from typing import Any

from model.config.layers import hidden_count
from model.config.pooling import pooling_of
from model.config.schema import Configuration, DataSection, HardwareSection, NetworkSection

ACTIVATIONS = {
    "pascal": ("qcfs",),
    "parallel": ("qcfs", "relu", "clip"),
    "opi": ("qcfs", "clip"),
    "qcfs": ("qcfs",),
    "dual-phase": ("clip", "leaky"),
    "pmsm": ("signed",),
}
"""Activations that each conversion method takes; the first is what ``auto`` means."""

# Of the methods that take the activation one without a second stage, if there is one, that refuses none of the others' layers,
# so that all of them share one training.
_METHOD_OF_ACTIVATION = {"qcfs": "pascal", "clip": "parallel", "relu": "parallel", "signed": "pmsm", "leaky": "dual-phase"}
_QUANTISED = ("qcfs", "signed")


def activation_of(config: Configuration) -> str:
    """``qcfs``, ``clip``, ``relu``, ``signed`` or ``leaky``."""
    chosen = config.network.activation
    return ACTIVATIONS[config.conversion.method][0] if chosen == "auto" else chosen


def levels_are_trained(config: Configuration) -> bool:
    """Whether the first stage quantises activations; clip, relu and leaky get their levels later."""
    return activation_of(config) in _QUANTISED


def fine_tunes(config: Configuration) -> bool:
    """Whether a second stage follows: dual-phase's noisy quantised clamp, or the levels that adaptive levels chose."""
    return hidden_count(config) > 0 and (config.conversion.method == "dual-phase" or config.network.adaptive_levels)


def as_training_sees_it(config: Configuration) -> Configuration:
    """The same configuration with the activation named and every key that training does not read at its default.

    So conversion methods that take the same activation share one training, and so do level counts that training has no use for.
    """
    if not fine_tunes(config):
        return first_stage_sees_it(config)
    table = _first_stage_table(config)
    table["network"] |= {"levels": config.network.levels, "adaptive_levels": config.network.adaptive_levels}
    table["fine_tuning"] = config.fine_tuning.model_dump()
    if config.conversion.method == "dual-phase":
        table["conversion"] = {"method": "dual-phase"}
    return Configuration.model_validate(table)


def first_stage_sees_it(config: Configuration) -> Configuration:
    """The same for the first stage alone."""
    return Configuration.model_validate(_first_stage_table(config))


def _first_stage_table(config: Configuration) -> dict[str, Any]:
    activation = activation_of(config)
    changes: dict[str, Any] = {"activation": activation, "adaptive_levels": False, "pooling": pooling_of(config)}
    if not levels_are_trained(config):
        changes["levels"] = _default("levels")
    if activation != "signed":
        changes["lowest_levels"] = _default("lowest_levels")
    if activation == "relu":
        changes["weight_bits"] = _default("weight_bits")
    table = config.model_dump()
    table["network"] |= changes
    # What the images are called; that they are the same is known by their digest.
    table["data"] |= {key: DataSection.model_fields[key].default for key in ("source", "title")}
    return table | {"conversion": {"method": _METHOD_OF_ACTIVATION[activation]}, "fine_tuning": {}}


def _default(key: str) -> Any:
    return NetworkSection.model_fields[key].default


def as_folding_sees_it(config: Configuration) -> Configuration:
    """The same configuration with every key of the core at its default where there is nothing to choose."""
    if config.hardware.effective_target != "off":
        return config
    return config.model_copy(update={"hardware": HardwareSection()})
