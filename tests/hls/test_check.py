"""Checks of synthesisability: they pass on what is generated, and each of them can fail."""

import re
from pathlib import Path

import pytest

from hls.chain import chains_of
from hls.check import check_project
from hls.kernel_text import kernel_faults
from hls.operator_audit import call_faults, compile_audited
from hls.parallelism import resolve_parallelism
from hls.project import TOP_FUNCTION, bench_vectors, write_project, write_test_vectors
from hls.regression import ANY_TARGET
from model.golden import simulate
from sim.random_networks import random_case
from tests.hls.conftest import Written, edit, failed

ACCUMULATE = "potential[group][lane] += weights[index];"


def test_a_generated_project_passes_every_check(written: Written) -> None:
    checks = check_project(written.project, written.pixels, written.scores)
    assert {name: check.detail for name, check in checks.items() if check.passed} == {
        "kernel_copies": "the project holds the kernels unchanged",
        "kernel_text": "no *, / or %, no heap, exceptions or standard library, every loop has a fixed bound and its pragma",
        "parameters": "sizes, wire codes and parallelism are those of the network",
        "memories": "every word, for synthesis and for simulation, is the network's",
        "script": "top function isospike_hls, part xc7a100tcsg324-1, clock 10.0 ns",
        "test_bench": "holds 20 frames and their golden scores",
        "operators": "compiles against integer types whose *, / and % are deleted, and without arrays of run-time size",
        "calls": "no recursion, no heap, no exception, no library call",
        "execution": "20 frames equal to golden, no value left the width it is stored in",
    }


def test_a_kernel_that_multiplies_is_refused_by_types_and_by_text(written: Written) -> None:
    kernel = written.project.firmware / "nnet_utils" / "population.h"
    edit(kernel, ACCUMULATE, "potential[group][lane] += weights[index] * 1;")
    line = kernel.read_text(encoding="utf-8").split("weights[index] * 1")[0].count("\n") + 1
    found = failed(written)
    assert found["kernel_copies"] == "population.h differs from the kernel it was copied from"
    assert found["kernel_text"] == f"population.h line {line}: operator *"
    refusal = f"population.h:{line}:54: error: use of deleted function 'audit::number audit::operator*(number, number)'"
    assert found["operators"].endswith(refusal)
    assert found["calls"] == found["execution"] == "not run, the audited design did not compile"


@pytest.mark.parametrize(
    "expression",
    ["value * value", "value / 3", "value % other", "3 * value", "(value *= other)", "(value /= other)", "(value %= other)"],
)
def test_deleted_operators_refuse_every_form(expression: str, tmp_path: Path) -> None:
    source = tmp_path / "bad.cpp"
    source.write_text(f'#include "ap_int.h"\nap_int<9> bad(ap_int<4> value, ap_uint<4> other) {{ return {expression}; }}\n')
    assert "use of deleted function" in compile_audited(source, tmp_path).error


@pytest.mark.parametrize("expression", ["int(value)", "value.to_int()", "value * 1.5"])
def test_no_way_leads_out_of_the_audited_types(expression: str, tmp_path: Path) -> None:
    source = tmp_path / "bad.cpp"
    source.write_text(f'#include "ap_int.h"\nap_int<9> bad(ap_int<4> value) {{ return {expression}; }}\n')
    assert "error: " in compile_audited(source, tmp_path).error


def test_adding_and_shifting_compile(tmp_path: Path) -> None:
    source = tmp_path / "good.cpp"
    source.write_text('#include "ap_int.h"\nap_int<9> good(ap_int<4> value) { return (value << 1) + value - 1; }\n')
    assert compile_audited(source, tmp_path).passed


CALLS = {
    "recursion": (
        "namespace isospike { int down(int n) { return n ? down(n - 1) : 0; } }\n"
        f"int {TOP_FUNCTION}(int n) {{ return isospike::down(n); }}",
        "recursion: int isospike::down(int) -> int isospike::down(int)",
    ),
    "heap": (f"int *{TOP_FUNCTION}() {{ return new int[4]; }}", "calls void* operator new [](long unsigned int)"),
    "exception": (f"void {TOP_FUNCTION}() {{ throw 1; }}", "calls void __cxa_throw(void*, void*, void (*)(void*))"),
}


@pytest.mark.parametrize("name", CALLS)
def test_calls_that_hardware_cannot_make_are_found(name: str, tmp_path: Path) -> None:
    text, fault = CALLS[name]
    source = tmp_path / "bad.cpp"
    source.write_text(text)
    compilation = compile_audited(source, tmp_path)
    assert compilation.error == ""
    assert fault in call_faults(compilation)


def test_an_array_of_run_time_size_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "bad.cpp"
    source.write_text(f"int {TOP_FUNCTION}(unsigned n) {{ int values[n]; return values[0]; }}\n")
    # Versions of g++ word it differently; all name the array and the rule.
    assert re.search(r"error: .*variable length array 'values'.* \[-Werror=vla\]", compile_audited(source, tmp_path).error)


def test_a_standard_container_is_found_by_its_calls(tmp_path: Path) -> None:
    source = tmp_path / "bad.cpp"
    source.write_text(f"#include <vector>\nvoid {TOP_FUNCTION}() {{ std::vector<int> values(3); }}\n")
    faults = call_faults(compile_audited(source, tmp_path))
    assert any("std::vector" in fault for fault in faults)


def test_another_top_function_is_not_audited_in_its_place(tmp_path: Path) -> None:
    source = tmp_path / "bad.cpp"
    source.write_text("int other(int n) { return n; }\n")
    assert call_faults(compile_audited(source, tmp_path)) == ["0 functions are called isospike_hls"]


def test_a_width_that_was_not_proved_stops_the_execution(written: Written) -> None:
    bits = written.network.readout.neuron.potential_bits
    edit(written.project.firmware / "defines.h", f"typedef ap_int<{bits}> potential4_t;", "typedef ap_int<4> potential4_t;")
    found = failed(written)
    assert list(found) == ["execution"]
    assert re.fullmatch(r"-?\d+ does not fit ap_int<4>", found["execution"])


def test_a_word_of_a_memory_for_synthesis_is_checked_and_executed(written: Written) -> None:
    header = written.project.firmware / "weights" / "offset4.h"
    text = header.read_text(encoding="utf-8")
    word = int(re.search(r"= \{(-?\d+)", text)[1])  # type: ignore[index]
    edit(header, f"= {{{word},", f"= {{{word - 1},")
    found = failed(written)
    assert found["memories"] == f"offset4.h word 0 is {word - 1}; expected {word}"
    expected = int(written.scores[0, 0])
    assert found["execution"] == f"image 0 score 0: expected {expected}, got {expected - 1}"


def test_a_memory_that_lost_words_is_found(written: Written) -> None:
    memory = written.project.firmware / "weights" / "threshold3.txt"
    memory.write_text(memory.read_text(encoding="utf-8").rpartition(",")[0], encoding="utf-8")
    assert failed(written) == {"memories": "threshold3.txt has 5 words; expected 6"}


def test_script_and_parameters_are_compared_with_what_was_asked(written: Written) -> None:
    edit(written.project.folder / "project.tcl", "xc7a100tcsg324-1", "xc7a35tcsg324-1")
    edit(written.project.folder / "project.tcl", "set clock_period 10.0", "set clock_period 1.0")
    edit(written.project.folder / "build_prj.tcl", "set_top ${project_name}", "set_top other")
    parameters = written.project.firmware / "parameters.h"
    edit(parameters, "isospike::bits_code", "isospike::unary_code")
    parameters.write_text(parameters.read_text(encoding="utf-8").replace("n_lanes = 2", "n_lanes = 1"), encoding="utf-8")
    found = failed(written)
    assert found["script"] == (
        "project.tcl sets part to xc7a35tcsg324-1; expected xc7a100tcsg324-1;"
        " project.tcl sets clock_period to 1.0; expected 10.0;"
        " build_prj.tcl lacks: set_top ${project_name}"
    )
    assert found["parameters"] == (
        "parameters.h, layer_hidden1: n_lanes is 1; expected 2;"
        " parameters.h, layer_hidden1: code is isospike::unary_code; expected isospike::bits_code;"
        " parameters.h, layer_readout: n_lanes is 1; expected 2"
    )


def test_a_test_bench_with_other_frames_is_found(written: Written) -> None:
    frames, scores = bench_vectors(written.project, written.pixels, written.scores)
    frames.write_text("0 0\n", encoding="utf-8")
    scores.unlink()
    assert failed(written) == {
        "test_bench": "tb_input_features.dat does not hold the 20 frames; tb_output_predictions.dat does not hold the 20 frames"
    }


@pytest.mark.parametrize("seed", range(10))
def test_random_networks_run_in_their_proved_widths_without_a_multiplier(seed: int, tmp_path: Path) -> None:
    # These seeds draw every kind of neuron.
    case = random_case(seed)
    lanes = resolve_parallelism(case.lanes, case.network)
    project = write_project(chains_of([case.network], [lanes]), ANY_TARGET, tmp_path / "project")
    scores = simulate(case.network, case.pixels).scores
    write_test_vectors(project, case.pixels, scores)
    assert failed(Written(project, case.network, case.pixels, scores)) == {}


LINES = {
    "int *p = new int;": ["operator *", "new (heap)"],
    "while (true) {}": ["while (loop without a fixed bound)"],
    "std::sort(a, b);": ["std (standard library)"],
    "throw 1;": ["throw (exception)"],
    "float x;": ["float (floating point)"],
    "x %= 3;": ["operator %="],
    "// a * b / c % d, new": [],
    "/* a * b\n */": [],
    '#include "a/b.h"': [],
    "for (int i = 0; i < n; i++) {": ["for (int i = 0; i < n; i++) { (a loop must run from 0 to a bound of CONFIG_T by one)"],
    "for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {\nx = 0;\n}": ["loop over n_lanes without #pragma HLS UNROLL"],
    "for (unsigned bit = 0; bit < CONFIG_T::n_magnitude_bits; bit++) {\nx = 0;\n}": [
        "loop over n_magnitude_bits without #pragma HLS UNROLL"
    ],
    "for (unsigned row = 0; row < CONFIG_T::n_rows; row++) {\n#pragma HLS PIPELINE II=1\nx = 0;\n}": [],
    "for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {\nstep = 0;\n}": ["loop variable step is changed in the loop"],
    "for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {\nif (step == 3) { break; }\n}": [
        "break (early exit from a loop)"
    ],
}


@pytest.mark.parametrize("line", LINES)
def test_the_text_of_a_kernel(line: str, tmp_path: Path) -> None:
    kernel = tmp_path / "kernel.h"
    kernel.write_text(f"// a kernel\n{line}\n", encoding="utf-8")
    found = kernel_faults(kernel)
    assert [re.sub(r"kernel\.h line \d+: ", "", fault) for fault in found] == LINES[line]
    assert all(fault.startswith(("kernel.h line 2: ", "kernel.h line 3: ")) for fault in found)
