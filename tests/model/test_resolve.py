"""What "auto" becomes, and which combinations are refused before anything is trained."""

import subprocess
import sys
from typing import Any

import pytest

from model.base.errors import UserError
from model.config import Configuration
from model.conversion.resolve import check_configuration, resolve_codes
from model.integer_network import InputCode, WireCode


def configured(**sections: Any) -> Configuration:
    return Configuration(name="test", **sections)


@pytest.mark.parametrize(
    "method, code, hidden, steps",
    [("pascal", InputCode.BITS, WireCode.BITS, None), ("opi", InputCode.DIRECT, WireCode.TRAIN, 5)],
)
def test_everything_follows_the_method(method: str, code: InputCode, hidden: WireCode, steps: int | None) -> None:
    codes = resolve_codes(configured(network={"hidden": [4, 3], "levels": [5, 2]}, conversion={"method": method}))
    assert codes.input is code
    assert codes.hidden == (hidden, hidden)
    assert codes.time_steps == steps
    assert codes.levels == (5, 2)
    assert codes.weight_bits == (4, 4, 4)


def test_codes_may_differ_between_layers() -> None:
    codes = resolve_codes(configured(input={"code": "unary"}, network={"hidden": [4, 3]}, conversion={"code": ["unary", "bits"]}))
    assert codes.input is InputCode.UNARY
    assert codes.hidden == (WireCode.UNARY, WireCode.BITS)


def test_time_steps_of_a_causal_method_may_be_given() -> None:
    assert resolve_codes(configured(conversion={"method": "opi", "time_steps": 9})).time_steps == 9


@pytest.mark.parametrize("method", ["pascal", "opi"])
def test_a_readout_alone_takes_bits_in_every_method(method: str) -> None:
    codes = resolve_codes(configured(network={"hidden": []}, conversion={"method": method}))
    assert codes.input is InputCode.BITS
    assert codes.hidden == ()


REFUSALS: list[tuple[dict[str, Any], str]] = [
    (
        {"conversion": {"method": "opi", "code": "bits"}},
        "conversion.code = 'bits': conversion.method 'opi' takes 'auto' or 'train'",
    ),
    (
        {"conversion": {"method": "opi", "code": "unary"}},
        "conversion.code = 'unary': conversion.method 'opi' takes 'auto' or 'train'",
    ),
    (
        {"conversion": {"code": "train"}},
        "conversion.code = 'train': conversion.method 'pascal' takes 'auto' or 'bits' or 'unary'",
    ),
    (
        {"network": {"hidden": [4, 3]}, "conversion": {"code": ["bits", "train"]}},
        "conversion.code = 'train': conversion.method 'pascal' takes 'auto' or 'bits' or 'unary'",
    ),
    (
        {"network": {"hidden": [4, 3]}, "conversion": {"code": ["bits"]}},
        "conversion.code = ['bits'] has 1 entries, the network has 2 hidden layers; give one value or 2",
    ),
    (
        {"network": {"hidden": [4, 3], "levels": [1, 2, 3]}},
        "network.levels = [1, 2, 3] has 3 entries, the network has 2 hidden layers; give one value or 2",
    ),
    (
        {"network": {"hidden": [4, 3], "weight_bits": [4, 4]}},
        "network.weight_bits = [4, 4] has 2 entries, the network has 3 layers, the readout included; give one value or 3",
    ),
    (
        {"input": {"code": "direct"}},
        "input.code = 'direct': conversion.method 'pascal' takes 'auto' or 'bits' or 'unary'",
    ),
    (
        {"input": {"code": "bits"}, "conversion": {"method": "opi"}},
        "input.code = 'bits': conversion.method 'opi' takes 'auto' or 'direct'",
    ),
    (
        {"input": {"code": "direct"}, "network": {"hidden": []}, "conversion": {"method": "opi"}},
        "input.code = 'direct': conversion.method 'opi' with no hidden layer takes 'auto' or 'bits' or 'unary'",
    ),
    (
        {"conversion": {"time_steps": 4}},
        "conversion.time_steps = 4: conversion.method 'pascal' takes 'auto',"
        " its time steps follow network.levels and conversion.code",
    ),
]


@pytest.mark.parametrize("sections, text", REFUSALS, ids=[text for _, text in REFUSALS])
def test_an_impossible_combination_is_refused(sections: dict[str, Any], text: str) -> None:
    with pytest.raises(UserError) as error:
        check_configuration(configured(**sections))
    assert str(error.value) == text


def test_a_configuration_is_checked_without_torch() -> None:
    program = "import sys, model.conversion.resolve; sys.exit('torch' in sys.modules or 'brevitas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
