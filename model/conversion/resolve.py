"""What "auto" means: codes and time steps of every layer follow the conversion method; impossible combinations are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from model.base.errors import UserError
from model.config.schema import Configuration
from model.integer_network import InputCode, WireCode

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Codes:
    """Codes and time steps of one network.

    Attributes:
        input: how pixel levels travel.
        hidden: how the levels of each hidden layer travel.
        levels: L of each hidden layer.
        weight_bits: of each hidden layer and the readout.
        time_steps: of a causal method; None for a deferred one, where each layer's code decides.
    """

    input: InputCode
    hidden: tuple[WireCode, ...]
    levels: tuple[int, ...]
    weight_bits: tuple[int, ...]
    time_steps: int | None


@dataclass(frozen=True)
class _Rules:
    """What one method allows; the first legal code is what ``auto`` takes."""

    input: tuple[InputCode, ...]
    hidden: tuple[WireCode, ...]
    causal: bool


_RULES = {
    "pascal": _Rules((InputCode.BITS, InputCode.UNARY), (WireCode.BITS, WireCode.UNARY), causal=False),
    "opi": _Rules((InputCode.DIRECT,), (WireCode.TRAIN,), causal=True),
}
# Without a hidden layer there is no neuron that could fire causally: the readout takes the input as deferred layers do.
_READOUT_ALONE = (InputCode.BITS, InputCode.UNARY)


def check_configuration(config: Configuration) -> None:
    """Refuse lists of a wrong length and codes that the conversion method does not have.

    Raises:
        UserError: key, value, legal values.
    """
    resolve_codes(config)


def resolve_codes(config: Configuration) -> Codes:
    """Codes, levels, weight bits and time steps of every layer.

    Raises:
        UserError: as ``check_configuration``.
    """
    levels = levels_by_layer(config)
    hidden = _hidden_codes(config)
    return Codes(_input_code(config), hidden, levels, weight_bits_by_layer(config), _time_steps(config, levels))


def levels_by_layer(config: Configuration) -> tuple[int, ...]:
    """L of each hidden layer."""
    return _one_each("network.levels", config.network.levels, len(config.network.hidden), "hidden layers")


def weight_bits_by_layer(config: Configuration) -> tuple[int, ...]:
    """Weight bits of each hidden layer and the readout."""
    layers = len(config.network.hidden) + 1
    return _one_each("network.weight_bits", config.network.weight_bits, layers, "layers, the readout included")


def _one_each(key: str, value: _Value | list[_Value], layers: int, what: str) -> tuple[_Value, ...]:
    if not isinstance(value, list):
        return (value,) * layers
    if len(value) != layers:
        raise UserError(f"{key} = {value} has {len(value)} entries, the network has {layers} {what}; give one value or {layers}")
    return tuple(value)


def _input_code(config: Configuration) -> InputCode:
    method = config.conversion.method
    legal = _RULES[method].input if config.network.hidden else _READOUT_ALONE
    if config.input.code == "auto":
        return legal[0]
    if config.input.code not in legal:
        alone = "" if config.network.hidden else " with no hidden layer"
        raise UserError(f"input.code = '{config.input.code}': conversion.method '{method}'{alone} takes {_names(legal)}")
    return InputCode(config.input.code)


def _hidden_codes(config: Configuration) -> tuple[WireCode, ...]:
    method = config.conversion.method
    legal = _RULES[method].hidden
    asked: str | list[str] = config.conversion.code if isinstance(config.conversion.code, str) else [*config.conversion.code]
    given = _one_each("conversion.code", asked, len(config.network.hidden), "hidden layers")
    for code in given:
        if code != "auto" and code not in legal:
            raise UserError(f"conversion.code = '{code}': conversion.method '{method}' takes {_names(legal)}")
    return tuple(legal[0] if code == "auto" else WireCode(code) for code in given)


def _time_steps(config: Configuration, levels: tuple[int, ...]) -> int | None:
    method, given = config.conversion.method, config.conversion.time_steps
    if not _RULES[method].causal:
        if given != "auto":
            raise UserError(
                f"conversion.time_steps = {given}: conversion.method '{method}' takes 'auto', its time steps follow"
                " network.levels and conversion.code"
            )
        return None
    return max(levels, default=1) if given == "auto" else given


def _names(legal: tuple[InputCode, ...] | tuple[WireCode, ...]) -> str:
    return " or ".join(["'auto'", *(f"'{code}'" for code in legal)])
