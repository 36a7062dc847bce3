"""What "auto" becomes, and which combinations are refused before anything is trained."""

import subprocess
import sys
from typing import Any

import pytest

from model.base.errors import UserError
from model.config import Configuration
from model.conversion.fits import is_calibrated
from model.conversion.resolve import check_configuration, resolve_codes
from model.integer_network import InputCode, WireCode


def configured(**sections: Any) -> Configuration:
    return Configuration(name="test", **sections)


@pytest.mark.parametrize(
    "method, code, hidden, steps",
    [
        ("pascal", InputCode.BITS, WireCode.BITS, None),
        ("parallel", InputCode.BITS, WireCode.BITS, None),
        ("opi", InputCode.DIRECT, WireCode.TRAIN, 5),
        ("qcfs", InputCode.DIRECT, WireCode.TRAIN, 5),
        ("pmsm", InputCode.BITS, WireCode.BITS, None),
    ],
)
def test_everything_follows_the_method(method: str, code: InputCode, hidden: WireCode, steps: int | None) -> None:
    codes = resolve_codes(configured(network={"hidden": [4, 3], "levels": [5, 2]}, conversion={"method": method}))
    assert codes.input is code
    assert codes.hidden == (hidden, hidden)
    assert codes.automatic == (True, True)
    assert codes.time_steps == steps
    assert codes.levels is None
    assert codes.weight_bits == (4, 4, 4)
    assert not codes.starts_at_zero


def test_dual_phase_has_as_many_time_steps_as_levels() -> None:
    for steps in ("auto", 5):
        codes = resolve_codes(configured(network={"levels": 5}, conversion={"method": "dual-phase", "time_steps": steps}))
        assert codes.time_steps == 5
        assert codes.hidden == (WireCode.TRAIN,)


@pytest.mark.parametrize("steps, causal", [("auto", None), (1, None), (2, 2), (64, 64)])
def test_pmsm_is_deferred_at_one_time_step_and_causal_beyond(steps: Any, causal: int | None) -> None:
    codes = resolve_codes(configured(conversion={"method": "pmsm", "time_steps": steps}))
    assert codes.time_steps == causal
    assert codes.hidden == ((WireCode.BITS,) if causal is None else (WireCode.TRAIN,))
    assert codes.input is (InputCode.BITS if causal is None else InputCode.DIRECT)


@pytest.mark.parametrize(
    "method, activation, steps, levels",
    [
        ("parallel", "qcfs", "auto", None),
        ("parallel", "qcfs", 7, (7, 7)),
        ("parallel", "relu", 16, (16, 16)),
        ("parallel", "clip", "auto", (3, 3)),
        ("opi", "qcfs", 9, None),
        ("opi", "clip", 9, (9, 9)),
        ("opi", "clip", "auto", (3, 3)),
    ],
)
def test_levels_are_chosen_at_conversion_where_the_method_can(
    method: str, activation: str, steps: Any, levels: tuple[int, ...] | None
) -> None:
    network = {"hidden": [4, 3], "activation": activation}
    assert resolve_codes(configured(network=network, conversion={"method": method, "time_steps": steps})).levels == levels


@pytest.mark.parametrize("method", ["pascal", "parallel", "pmsm"])
@pytest.mark.parametrize("code", ["unary", "bits", "count"])
def test_every_deferred_method_takes_every_code(method: str, code: str) -> None:
    codes = resolve_codes(configured(conversion={"method": method, "code": code}))
    assert codes.hidden == (WireCode(code),)
    assert codes.automatic == (False,)


@pytest.mark.parametrize("method", ["opi", "qcfs"])
def test_causal_neurons_may_start_at_zero(method: str) -> None:
    assert resolve_codes(configured(conversion={"method": method, "initial_potential": "zero"})).starts_at_zero


@pytest.mark.parametrize(
    "method, activation, calibration, expected",
    [
        ("parallel", "relu", "auto", True),
        ("parallel", "clip", "on", True),
        ("parallel", "clip", "off", False),
        ("parallel", "qcfs", "auto", False),
        ("dual-phase", "leaky", "auto", True),
        ("dual-phase", "clip", "off", False),
        ("opi", "clip", "auto", False),
        ("pascal", "auto", "off", False),
    ],
)
def test_calibration_takes_place_where_there_is_one(method: str, activation: str, calibration: str, expected: bool) -> None:
    conversion = {"method": method, "calibration": calibration}
    config = configured(network={"activation": activation}, conversion=conversion)
    check_configuration(config)
    assert is_calibrated(config) is expected


def test_a_readout_alone_is_not_calibrated() -> None:
    assert not is_calibrated(configured(network={"hidden": []}, conversion={"method": "dual-phase"}))


def test_codes_may_differ_between_layers() -> None:
    codes = resolve_codes(configured(input={"code": "unary"}, network={"hidden": [4, 3]}, conversion={"code": ["unary", "bits"]}))
    assert codes.input is InputCode.UNARY
    assert codes.hidden == (WireCode.UNARY, WireCode.BITS)


def test_time_steps_of_a_causal_method_may_be_given() -> None:
    assert resolve_codes(configured(conversion={"method": "opi", "time_steps": 9})).time_steps == 9


@pytest.mark.parametrize("method", ["pascal", "parallel", "opi", "qcfs", "dual-phase", "pmsm"])
def test_a_readout_alone_takes_bits_in_every_method(method: str) -> None:
    codes = resolve_codes(configured(network={"hidden": []}, conversion={"method": method}))
    assert codes.input is InputCode.BITS
    assert codes.hidden == ()
    assert codes.time_steps is None


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
        "conversion.code = 'train': conversion.method 'pascal' takes 'auto' or 'bits' or 'unary' or 'count'",
    ),
    (
        {"network": {"hidden": [4, 3]}, "conversion": {"code": ["bits", "train"]}},
        "conversion.code = 'train': conversion.method 'pascal' takes 'auto' or 'bits' or 'unary' or 'count'",
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
        " its time steps follow network.levels and conversion.code; levels chosen at conversion fit conversion.method 'parallel'",
    ),
    (
        {"conversion": {"method": "pmsm", "time_steps": 2, "code": "count"}},
        "conversion.code = 'count': conversion.method 'pmsm' with conversion.time_steps = 2 takes 'auto' or 'train'",
    ),
    (
        {"input": {"code": "bits"}, "conversion": {"method": "pmsm", "time_steps": 2}},
        "input.code = 'bits': conversion.method 'pmsm' with conversion.time_steps = 2 takes 'auto' or 'direct'",
    ),
    (
        {"network": {"activation": "signed"}},
        "network.activation = 'signed': conversion.method 'pascal' takes 'auto' or 'qcfs';"
        " 'signed' fits conversion.method 'pmsm'",
    ),
    (
        {"network": {"activation": "relu"}},
        "network.activation = 'relu': conversion.method 'pascal' takes 'auto' or 'qcfs';"
        " 'relu' fits conversion.method 'parallel'",
    ),
    (
        {"network": {"activation": "relu"}, "conversion": {"method": "opi"}},
        "network.activation = 'relu': conversion.method 'opi' takes 'auto' or 'qcfs' or 'clip';"
        " 'relu' fits conversion.method 'parallel'",
    ),
    (
        {"network": {"activation": "leaky"}, "conversion": {"method": "parallel"}},
        "network.activation = 'leaky': conversion.method 'parallel' takes 'auto' or 'qcfs' or 'relu' or 'clip';"
        " 'leaky' fits conversion.method 'dual-phase'",
    ),
    (
        {"network": {"activation": "qcfs"}, "conversion": {"method": "dual-phase"}},
        "network.activation = 'qcfs': conversion.method 'dual-phase' takes 'auto' or 'clip' or 'leaky';"
        " 'qcfs' fits conversion.method 'pascal' or 'parallel' or 'opi' or 'qcfs'",
    ),
    (
        {"network": {"activation": "clip"}, "conversion": {"method": "pmsm"}},
        "network.activation = 'clip': conversion.method 'pmsm' takes 'auto' or 'signed';"
        " 'clip' fits conversion.method 'parallel' or 'opi' or 'dual-phase'",
    ),
    (
        {"network": {"lowest_levels": 2}},
        "network.lowest_levels = 2: network.activation 'qcfs' takes 'auto'; levels below zero of one's own choice fit"
        " network.activation 'signed', conversion.method 'pmsm'",
    ),
    (
        {"network": {"adaptive_levels": True}, "conversion": {"method": "opi"}},
        "network.adaptive_levels = true: conversion.method 'opi' takes false; adaptive levels fit conversion.method 'pascal'",
    ),
    (
        {"network": {"hidden": [4, 3], "levels": [3, 5]}, "conversion": {"method": "dual-phase"}},
        "network.levels = [3, 5]: conversion.method 'dual-phase' has as many levels as time steps, the same in every layer;"
        " give one value",
    ),
    (
        {"network": {"levels": 4}, "conversion": {"method": "dual-phase", "time_steps": 8}},
        "conversion.time_steps = 8: conversion.method 'dual-phase' is fine-tuned for as many levels as time steps and"
        " network.levels is 4; give 'auto' or 4, or set network.levels = 8",
    ),
    (
        {"network": {"hidden": [4, 3], "levels": [3, 5], "activation": "relu"}, "conversion": {"method": "parallel"}},
        "network.levels = [3, 5]: network.activation 'relu' gets its levels at conversion, the same in every layer;"
        " give one value, or conversion.time_steps",
    ),
    (
        {"conversion": {"method": "pmsm", "initial_potential": "zero"}},
        "conversion.initial_potential = 'zero': conversion.method 'pmsm' takes 'half'; 'zero' is an ablation of"
        " conversion.method 'opi' or 'qcfs'",
    ),
    (
        {"conversion": {"method": "parallel", "calibration": "on"}},
        "conversion.calibration = 'on': conversion.method 'parallel' with network.activation 'qcfs' has none; give 'auto', or"
        " conversion.method 'dual-phase', or 'parallel' with network.activation 'relu' or 'clip'",
    ),
    (
        {"network": {"activation": "relu"}, "conversion": {"method": "parallel", "calibration": "off"}},
        "conversion.calibration = 'off': network.activation 'relu' has no clip before calibration finds one;"
        " give 'auto', or network.activation = 'clip'",
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
