"""Which conversion method takes what: everything that does not fit is refused before any work starts, with what would fit."""

from __future__ import annotations

from collections.abc import Sequence

from model.base.errors import UserError
from model.config.effective import ACTIVATIONS, activation_of
from model.config.layers import checked_tables, hidden_count, layers_key
from model.config.schema import Configuration

_CALIBRATED = {"parallel": ("relu", "clip"), "dual-phase": ("clip", "leaky")}
_WITH_ZERO = ("opi", "qcfs")


def is_calibrated(config: Configuration) -> bool:
    """Whether conversion calibrates on training images: the method has a calibration for the activation, and it is not off."""
    method = config.conversion.method
    has_one = hidden_count(config) > 0 and activation_of(config) in _CALIBRATED.get(method, ())
    return has_one and config.conversion.calibration != "off"


def check_fit(config: Configuration) -> None:
    """Refuse what the conversion method does not take.

    Raises:
        UserError: the key, its value, what the method takes, and which method would take the value.
    """
    _check_activation(config)
    _check_lowest_levels(config)
    _check_adaptive_levels(config)
    _check_time_steps(config)
    _check_initial_potential(config)
    _check_calibration(config)


def check_causal_layers(config: Configuration, levels: Sequence[int]) -> None:
    """Refuse layers that causal neurons do not have: max pooling, and sums of spikes that stand for different numbers of levels.

    Args:
        config: of a causal network.
        levels: L of every hidden layer as it was trained.

    Raises:
        UserError: the layer, and what would fit.
    """
    method = config.conversion.method
    tables = checked_tables(config)
    average = "average_pool" if config.network.preset is None else "network.pooling = 'average'"
    for name, table in tables.items():
        if table.max_pool is not None:
            raise UserError(
                f"{layers_key(config)}, layer {name}: max_pool: a causal neuron cannot take back the spikes of the largest"
                f" potential, so conversion.method '{method}' takes {average}; max_pool fits conversion.method"
                " 'pascal' or 'parallel', or 'pmsm' with one time step"
            )
    if method == "pmsm" or activation_of(config) not in ("qcfs", "signed"):
        return
    names = list(tables)
    for place, (name, table) in enumerate(tables.items()):
        if table.add is None or levels[place - 1] == levels[names.index(table.add)]:
            continue
        before = names[place - 1]
        raise UserError(
            f"network.levels: layer {name} adds {table.add} with {levels[names.index(table.add)]} levels to the sums of {before}"
            f" with {levels[place - 1]}; conversion.method '{method}', whose spikes stand for all levels, takes the same in both"
        )


def uniform_levels(config: Configuration) -> int | None:
    """The one level count of all hidden layers; None where they differ."""
    levels = config.network.levels
    counts = set(levels) if isinstance(levels, list) else {levels}
    return counts.pop() if len(counts) == 1 else None


def named(*values: str) -> str:
    """Values of a key as an error names them."""
    return " or ".join(f"'{value}'" for value in values)


def _check_activation(config: Configuration) -> None:
    method, activation = config.conversion.method, activation_of(config)
    if activation in ACTIVATIONS[method]:
        return
    takers = named(*(name for name, taken in ACTIVATIONS.items() if activation in taken))
    raise UserError(
        f"network.activation = '{activation}': conversion.method '{method}' takes {named('auto', *ACTIVATIONS[method])};"
        f" '{activation}' fits conversion.method {takers}"
    )


def _check_lowest_levels(config: Configuration) -> None:
    activation = activation_of(config)
    if config.network.lowest_levels != "auto" and activation != "signed":
        raise UserError(
            f"network.lowest_levels = {config.network.lowest_levels}: network.activation '{activation}' takes 'auto';"
            " levels below zero of one's own choice fit network.activation 'signed', conversion.method 'pmsm'"
        )


def _check_adaptive_levels(config: Configuration) -> None:
    method = config.conversion.method
    if config.network.adaptive_levels and method != "pascal":
        raise UserError(
            f"network.adaptive_levels = true: conversion.method '{method}' takes false; adaptive levels fit"
            " conversion.method 'pascal'"
        )


def _check_time_steps(config: Configuration) -> None:
    method, given = config.conversion.method, config.conversion.time_steps
    if method == "pascal" and given != "auto":
        raise UserError(
            f"conversion.time_steps = {given}: conversion.method 'pascal' takes 'auto', its time steps follow"
            " network.levels and conversion.code; levels chosen at conversion fit conversion.method 'parallel'"
        )
    if method == "dual-phase":
        _check_dual_phase(config)
    unquantised = activation_of(config) in ("relu", "clip")
    if method == "parallel" and unquantised and given == "auto" and uniform_levels(config) is None:
        raise UserError(
            f"network.levels = {config.network.levels}: network.activation '{activation_of(config)}' gets its levels at"
            " conversion, the same in every layer; give one value, or conversion.time_steps"
        )


def _check_dual_phase(config: Configuration) -> None:
    """Phase I trains for as many levels as phase II and the network have time steps."""
    levels, given = uniform_levels(config), config.conversion.time_steps
    if levels is None:
        raise UserError(
            f"network.levels = {config.network.levels}: conversion.method 'dual-phase' has as many levels as time steps,"
            " the same in every layer; give one value"
        )
    if given not in ("auto", levels):
        raise UserError(
            f"conversion.time_steps = {given}: conversion.method 'dual-phase' is fine-tuned for as many levels as time steps"
            f" and network.levels is {levels}; give 'auto' or {levels}, or set network.levels = {given}"
        )


def _check_initial_potential(config: Configuration) -> None:
    method, given = config.conversion.method, config.conversion.initial_potential
    if given == "zero" and method not in _WITH_ZERO:
        raise UserError(
            f"conversion.initial_potential = 'zero': conversion.method '{method}' takes 'half'; 'zero' is an ablation of"
            f" conversion.method {named(*_WITH_ZERO)}"
        )


def _check_calibration(config: Configuration) -> None:
    method, given, activation = config.conversion.method, config.conversion.calibration, activation_of(config)
    if given == "on" and activation not in _CALIBRATED.get(method, ()):
        raise UserError(
            f"conversion.calibration = 'on': conversion.method '{method}' with network.activation '{activation}' has none;"
            " give 'auto', or conversion.method 'dual-phase', or 'parallel' with network.activation 'relu' or 'clip'"
        )
    if given == "off" and activation == "relu":
        raise UserError(
            "conversion.calibration = 'off': network.activation 'relu' has no clip before calibration finds one;"
            " give 'auto', or network.activation = 'clip'"
        )
