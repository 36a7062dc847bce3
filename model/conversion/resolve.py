"""From a configuration to the codes and time steps of the conversion method; impossible combinations are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from model.base.errors import UserError
from model.config.effective import activation_of
from model.config.layers import hidden_count
from model.config.pooling import CAUSAL_METHODS, is_causal
from model.config.schema import Configuration
from model.conversion.fits import check_causal_layers, check_fit, named
from model.integer_network import InputCode, WireCode

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Codes:
    """Codes, levels and time steps of one network.

    Attributes:
        input: how pixel levels travel.
        hidden: how the levels of each hidden layer travel.
        automatic: whether each of these may be exchanged for a cheaper one.
        levels: L that conversion gives each hidden layer; None where they stay those of the trained network.
        weight_bits: of each hidden layer and the readout.
        time_steps: of causal neurons; None for deferred ones, where each layer's code decides, and for a readout alone.
        starts_at_zero: whether causal neurons start at V0 = 0 instead of half a threshold.
    """

    input: InputCode
    hidden: tuple[WireCode, ...]
    automatic: tuple[bool, ...]
    levels: tuple[int, ...] | None
    weight_bits: tuple[int, ...]
    time_steps: int | None
    starts_at_zero: bool = False


@dataclass(frozen=True)
class _Rules:
    """The codes of one kind of neuron; the first legal one is where ``auto`` begins."""

    input: tuple[InputCode, ...]
    hidden: tuple[WireCode, ...]


_DEFERRED = _Rules((InputCode.BITS, InputCode.UNARY), (WireCode.BITS, WireCode.UNARY, WireCode.COUNT))
_CAUSAL = _Rules((InputCode.DIRECT,), (WireCode.TRAIN,))
# Without a hidden layer there is no neuron that could fire causally: the readout takes the input as deferred layers do.
_READOUT_ALONE = (InputCode.BITS, InputCode.UNARY)


def check_configuration(config: Configuration) -> None:
    """Refuse lists of a wrong length, and everything that the conversion method does not have.

    Raises:
        UserError: key, value, legal values.
    """
    resolve_codes(config)


def resolve_codes(config: Configuration) -> Codes:
    """Codes, levels, weight bits and time steps of every layer.

    Raises:
        UserError: as ``check_configuration``.
    """
    trained_levels = levels_by_layer(config)
    check_fit(config)
    if causal_time_steps(config) is not None:
        check_causal_layers(config, trained_levels)
    hidden, automatic = _hidden_codes(config)
    return Codes(
        input=_input_code(config),
        hidden=hidden,
        automatic=automatic,
        levels=_levels_at_conversion(config, trained_levels),
        weight_bits=weight_bits_by_layer(config),
        time_steps=causal_time_steps(config),
        starts_at_zero=config.conversion.initial_potential == "zero",
    )


def levels_by_layer(config: Configuration) -> tuple[int, ...]:
    """L of each hidden layer."""
    return _one_each("network.levels", config.network.levels, hidden_count(config), "hidden layers")


def weight_bits_by_layer(config: Configuration) -> tuple[int, ...]:
    """Weight bits of each hidden layer and the readout."""
    layers = hidden_count(config) + 1
    return _one_each("network.weight_bits", config.network.weight_bits, layers, "layers, the readout included")


def sparsity_by_layer(config: Configuration) -> tuple[float, ...]:
    """Share of weights that training leaves out of each hidden layer and the readout; one number means the hidden layers."""
    given, layers = config.training.sparsity, hidden_count(config) + 1
    if not isinstance(given, list):
        return (given,) * (layers - 1) + (0.0,)
    return _one_each("training.sparsity", given, layers, "layers, the readout included")


def causal_time_steps(config: Configuration) -> int | None:
    """T of causal neurons: as given, or the largest level count, of pmsm 1; None where the neurons are deferred."""
    method, given = config.conversion.method, config.conversion.time_steps
    if not hidden_count(config):
        return None
    if method == "pmsm":
        return given if isinstance(given, int) and given > 1 else None
    if method not in CAUSAL_METHODS:
        return None
    return max(levels_by_layer(config)) if given == "auto" else given


def _levels_at_conversion(config: Configuration, trained: tuple[int, ...]) -> tuple[int, ...] | None:
    """Method parallel chooses T levels; clip and relu get theirs, opi as many as time steps. All others keep what was trained."""
    method, given = config.conversion.method, config.conversion.time_steps
    unquantised = activation_of(config) in ("clip", "relu")
    if method == "opi" and unquantised:
        return (causal_time_steps(config) or 1,) * len(trained)
    if method == "parallel":
        if given != "auto":
            return (given,) * len(trained)
        return trained if unquantised else None
    return None


def _one_each(key: str, value: _Value | list[_Value], layers: int, what: str) -> tuple[_Value, ...]:
    if not isinstance(value, list):
        return (value,) * layers
    if len(value) != layers:
        raise UserError(f"{key} = {value} has {len(value)} entries, the network has {layers} {what}; give one value or {layers}")
    return tuple(value)


def _rules(config: Configuration) -> tuple[_Rules, str]:
    """Rules of the neurons that the configuration makes, and in which words an error names what makes them."""
    method, given = config.conversion.method, config.conversion.time_steps
    rules = _CAUSAL if is_causal(config) else _DEFERRED
    steps = f" with conversion.time_steps = {given}" if method == "pmsm" and rules is _CAUSAL else ""
    return rules, f"conversion.method '{method}'{steps}"


def _input_code(config: Configuration) -> InputCode:
    rules, maker = _rules(config)
    legal = rules.input if hidden_count(config) else _READOUT_ALONE
    if config.input.code == "auto":
        return legal[0]
    if config.input.code not in legal:
        alone = "" if hidden_count(config) else " with no hidden layer"
        raise UserError(f"input.code = '{config.input.code}': {maker}{alone} takes {named('auto', *legal)}")
    return InputCode(config.input.code)


def _hidden_codes(config: Configuration) -> tuple[tuple[WireCode, ...], tuple[bool, ...]]:
    """Code of every hidden layer, and which of them nobody asked for."""
    rules, maker = _rules(config)
    asked: str | list[str] = config.conversion.code if isinstance(config.conversion.code, str) else [*config.conversion.code]
    given = _one_each("conversion.code", asked, hidden_count(config), "hidden layers")
    for code in given:
        if code != "auto" and code not in rules.hidden:
            raise UserError(f"conversion.code = '{code}': {maker} takes {named('auto', *rules.hidden)}")
    codes = tuple(rules.hidden[0] if code == "auto" else WireCode(code) for code in given)
    return codes, tuple(code == "auto" for code in given)
