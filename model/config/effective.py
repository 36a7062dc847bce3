"""What the keys of training come to: the activation behind ``auto``, whether there is a second stage, and what training reads."""

from __future__ import annotations

from typing import Any

from model.config.schema import Configuration, NetworkSection

ACTIVATION_OF_METHOD = {
    "pascal": "qcfs",
    "parallel": "qcfs",
    "opi": "qcfs",
    "qcfs": "qcfs",
    "dual-phase": "clip",
    "pmsm": "signed",
}
"""What ``network.activation = "auto"`` is, by conversion method."""

# Any method that takes the activation and has no second stage, so that all of them share one training.
_METHOD_OF_ACTIVATION = {"qcfs": "pascal", "clip": "opi", "relu": "parallel", "signed": "pmsm", "leaky": "dual-phase"}
_QUANTISED = ("qcfs", "signed")


def activation_of(config: Configuration) -> str:
    """``qcfs``, ``clip``, ``relu``, ``signed`` or ``leaky``."""
    chosen = config.network.activation
    return ACTIVATION_OF_METHOD[config.conversion.method] if chosen == "auto" else chosen


def levels_are_trained(config: Configuration) -> bool:
    """Whether the first stage quantises activations; clip, relu and leaky get their levels later."""
    return activation_of(config) in _QUANTISED


def fine_tunes(config: Configuration) -> bool:
    """Whether a second stage follows: dual-phase's noisy quantised clamp, or the levels that adaptive levels chose."""
    return bool(config.network.hidden) and (config.conversion.method == "dual-phase" or config.network.adaptive_levels)


def as_training_sees_it(config: Configuration) -> Configuration:
    """The same configuration with the activation named and every key that training does not read at its default.

    So conversion methods that take the same activation share one training, and so do level counts that training has no use for.
    """
    activation, second = activation_of(config), fine_tunes(config)
    method = "dual-phase" if config.conversion.method == "dual-phase" and second else _METHOD_OF_ACTIVATION[activation]
    changes: dict[str, Any] = {"activation": activation}
    if not second and not levels_are_trained(config):
        changes["levels"] = NetworkSection.model_fields["levels"].default
    if activation != "signed":
        changes["lowest_levels"] = "auto"
    table = config.model_dump()
    table["network"] |= changes
    table["conversion"] = {"method": method}
    if not second:
        table["fine_tuning"] = {}
    return Configuration.model_validate(table)
