"""The same checks on a project of signed levels and packets: each of them can fail on what is new there."""

import re

import pytest

from hls.project_files import memory_faults, parameter_faults
from tests.hls.conftest import Written, edit, edit_pattern, failed


def of_layer(written: Written, layer: str, old: str, new: str) -> None:
    """Change one constant in the structure of a layer."""
    path = written.project.firmware / "parameters.h"
    edit_pattern(path, rf"(// layer_{layer}\n[^}}]*\b){old};", rf"\g<1>{new};")


def test_a_generated_project_passes_every_check(signed: Written) -> None:
    assert failed(signed) == {}


@pytest.mark.parametrize(
    "line, smuggled",
    [
        ("level[group][lane] += multiple;", "level[group][lane] += multiples[index] * multiple;"),
        ("level[group][lane] += multiple;", "level[group][lane] += potential[group][lane] / multiples[index];"),
    ],
)
def test_a_decision_that_multiplies_or_divides_is_refused_by_types_and_by_text(line: str, smuggled: str, signed: Written) -> None:
    kernel = signed.project.firmware / "nnet_utils" / "divide.h"
    edit(kernel, line, smuggled)
    number = kernel.read_text(encoding="utf-8").split(smuggled)[0].count("\n") + 1
    operator = "*" if "*" in smuggled else "/"
    found = failed(signed)
    assert found["kernel_text"] == f"divide.h line {number}: operator {operator}"
    refusal = f"use of deleted function 'audit::number audit::operator{operator}(number, number)'"
    assert re.search(rf"divide\.h:{number}:\d+: error: {re.escape(refusal)}", found["operators"])


def test_parameters_of_decision_and_source_are_compared_with_the_network(signed: Written) -> None:
    of_layer(signed, "hidden1", "lowest = -3", "lowest = -2")
    of_layer(signed, "hidden1", "level_range = 8", "level_range = 7")
    of_layer(signed, "hidden1", "n_passes = 4", "n_passes = 3")
    of_layer(signed, "hidden2", "n_magnitude_bits = 3", "n_magnitude_bits = 2")
    of_layer(signed, "hidden2", "n_charge_bits = 6", "n_charge_bits = 5")
    of_layer(signed, "readout", "source_is_signed = true", "source_is_signed = false")
    assert parameter_faults(signed.project) == [
        "parameters.h, layer_hidden1: lowest is -2; expected -3",
        "parameters.h, layer_hidden1: level_range is 7; expected 8",
        "parameters.h, layer_hidden1: n_passes is 3; expected 4",
        "parameters.h, layer_hidden2: n_magnitude_bits is 2; expected 3",
        "parameters.h, layer_hidden2: n_charge_bits is 5; expected 6",
        "parameters.h, layer_readout: source_is_signed is false; expected true",
    ]


def test_the_type_of_spikes_is_compared_with_what_a_time_step_carries(signed: Written) -> None:
    defines = signed.project.firmware / "defines.h"
    edit(defines, "typedef ap_int<4> layer3_t;", "typedef ap_int<3> layer3_t;")
    edit(defines, "typedef ap_int<2> layer4_t;\n", "")
    assert parameter_faults(signed.project) == [
        "defines.h: the spikes of layer_hidden1, layer3_t, are ap_int<3>; expected ap_int<4>",
        "defines.h: the spikes of layer_hidden2, layer4_t, are missing; expected ap_int<2>",
    ]


@pytest.mark.parametrize("name, bits", [("n_level_bits", "3"), ("n_charge_bits", "4")])
def test_a_width_that_is_too_narrow_stops_the_execution(name: str, bits: str, signed: Written) -> None:
    of_layer(signed, "hidden1" if name == "n_level_bits" else "hidden2", rf"{name} = \d+", f"{name} = {bits}")
    assert re.fullmatch(rf"-?\d+ does not fit ap_int<{bits}>", failed(signed)["execution"])


def test_a_multiple_that_is_not_the_networks_is_found(signed: Written) -> None:
    memory = signed.project.firmware / "weights" / "multiple3.txt"
    words = memory.read_text(encoding="utf-8").split(", ")
    # Two lanes of three groups and four passes: the first lane's first pass of all groups, then its second.
    thresholds = signed.network.layers[0].neuron.threshold
    assert words[:4] == [str(4 * thresholds[0]), str(4 * thresholds[2]), str(4 * thresholds[4]), str(2 * thresholds[0])]
    memory.write_text(", ".join([words[0], str(int(words[1]) + 1), *words[2:]]), encoding="utf-8")
    assert memory_faults(signed.project) == [f"multiple3.txt word 1 is {int(words[1]) + 1}; expected {words[1]}"]
