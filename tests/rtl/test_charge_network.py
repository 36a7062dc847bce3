"""Networks of counters and adders sum what the matrix says, and their Verilog is proved to do so."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtl.audit.charges import ChargeForm, UnprovedError, charge_form
from rtl.audit.syntax import parse_file
from rtl.charge_network.build import build_charge_network
from rtl.charge_network.digits import counted_ones, signed_digits
from rtl.charge_network.network import Counter
from rtl.charge_network.stages import pipeline
from rtl.charge_network.triples import share_triples
from rtl.charge_network.verilog import charge_module

WIDTH = 24

LEVELS = 3


def _matrix(seed: int, rows: int, inputs: int, largest: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    matrix = generator.integers(-largest, largest + 1, size=(rows, inputs))
    matrix[generator.random(matrix.shape) < generator.random()] = 0
    return matrix


def _read_back(text: str, matrix: np.ndarray, folder: Path, width: int = WIDTH) -> ChargeForm:
    path = folder / "sums.v"
    path.write_text(text)
    return charge_form(parse_file(path).modules[0], len(matrix), matrix.shape[1], width)


def test_sums_of_nothing_have_a_stage_and_leave_no_signal_unread(tmp_path: Path) -> None:
    matrix = np.zeros((2, 3), dtype=np.int64)
    network = build_charge_network(matrix)
    stages = pipeline(network, LEVELS)
    text = charge_module(network, stages, "sums", WIDTH)
    form = _read_back(text, matrix, tmp_path)
    assert form.stages == stages.count == 1
    assert not form.weights.any()
    assert not form.constants.any()
    assert "unobserved #(.WIDTH(6)) u_unobserved (.signals({clk, rst, advance, bits}));" in text


@given(value=st.integers(-300, 300))
def test_signed_digits_give_the_value_and_no_two_neighbours_are_set(value: int) -> None:
    digits = signed_digits(value)
    assert sum(digit << place for place, digit in digits) == value
    places = [place for place, _ in digits]
    assert all(later - earlier > 1 for earlier, later in pairwise(places))


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 12), inputs=st.integers(1, 30), largest=st.sampled_from([1, 3, 7, 127]))
def test_a_network_sums_every_time_step_as_the_matrix_does(seed: int, rows: int, inputs: int, largest: int) -> None:
    matrix = _matrix(seed, rows, inputs, largest)
    bits = np.random.default_rng(seed).integers(0, 2, size=(inputs, 20))
    bits[:, 0], bits[:, 1] = 0, 1
    assert np.array_equal(build_charge_network(matrix).evaluate(bits), matrix @ bits)


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(1, 8),
    inputs=st.integers(1, 20),
    largest=st.sampled_from([1, 7]),
    levels=st.integers(1, 12),
)
def test_the_sums_read_back_from_the_verilog_are_the_matrix(
    tmp_path_factory: pytest.TempPathFactory, seed: int, rows: int, inputs: int, largest: int, levels: int
) -> None:
    matrix = _matrix(seed, rows, inputs, largest)
    network = build_charge_network(matrix)
    stages = pipeline(network, levels)
    form = _read_back(charge_module(network, stages, "sums", WIDTH), matrix, tmp_path_factory.mktemp("sums"))
    assert np.array_equal(form.weights, matrix)
    assert form.stages == (stages.count if matrix.any() else form.stages)
    assert form.constants.tolist() == [-charge.constant for charge in network.charges]


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 6), inputs=st.integers(1, 24), largest=st.sampled_from([1, 3, 7]))
def test_no_sum_has_more_bits_than_its_largest_value(
    tmp_path_factory: pytest.TempPathFactory, seed: int, rows: int, inputs: int, largest: int
) -> None:
    matrix = _matrix(seed, rows, inputs, largest)
    width = max(max(sum(map(counted_ones, row)) for row in matrix.tolist()).bit_length(), 2)
    network = build_charge_network(matrix, width)
    assert max(len(charge.bits) for charge in network.charges) <= width
    bits = np.random.default_rng(seed).integers(0, 2, size=(inputs, 50))
    bits[:, 0], bits[:, 1] = 0, 1
    assert np.array_equal(network.evaluate(bits), matrix @ bits)
    form = _read_back(
        charge_module(network, pipeline(network, LEVELS), "sums", width), matrix, tmp_path_factory.mktemp("sums"), width
    )
    assert np.array_equal(form.weights, matrix)


def test_a_sum_that_does_not_fit_its_bits_is_refused(tmp_path: Path) -> None:
    matrix = np.full((1, 12), 1)
    network = build_charge_network(matrix, 3)
    with pytest.raises(UnprovedError, match=r"the sum of neuron 0: 0 to 12 does not fit 3 bits"):
        _read_back(charge_module(network, pipeline(network, LEVELS), "sums", 3), matrix, tmp_path, 3)


def test_a_triple_that_several_sums_share_is_counted_once() -> None:
    network = build_charge_network(np.array([[1, 1, -1], [2, 2, -2], [-1, -1, 1], [-4, -4, 4]]))
    assert [len(element.inputs) for element in network.elements if isinstance(element, Counter)] == [3]
    assert len(network.elements) == 1


def test_triples_with_other_relative_signs_are_not_shared() -> None:
    columns = [{0: 1, 1: 1, 2: 1}, {0: 1, 1: 1, 2: -1}, {0: 1, 1: -1, 2: 1}]
    assert list(share_triples(columns)) == []


@pytest.fixture(scope="module")
def text() -> str:
    network = build_charge_network(_matrix(3, 4, 16, 7))
    return charge_module(network, pipeline(network, LEVELS), "sums", WIDTH)


@pytest.mark.parametrize(
    "pattern, replacement",
    [
        (r"\bbits\[3\]", "bits[4]"),
        (r"~bits", "bits"),
        (r"\{bits\[(\d+)\]", r"{~bits[\1]"),
    ],
    ids=["another input", "a complement lost", "a complement gained"],
)
def test_a_flipped_bit_changes_the_sums_read_back(pattern: str, replacement: str, text: str, tmp_path: Path) -> None:
    matrix = _matrix(3, 4, 16, 7)
    form = _read_back(text, matrix, tmp_path)
    changed, count = re.subn(pattern, replacement, text, count=1)
    assert count == 1
    damaged = _read_back(changed, matrix, tmp_path)
    assert not np.array_equal(damaged.weights, form.weights) or not np.array_equal(damaged.constants, form.constants)


@pytest.mark.parametrize(
    "pattern, replacement, expected",
    [
        (r"sum0\[0\]", "sum0[1]", r"instance u0: bit 1 of its number does not count 2 times bit 0"),
        (r"row_adder #", "subtractor #", r"instance u\d+ of subtractor, expected ones_counter or row_adder or stage_register"),
        (r"(u_stage1 .*)held0\[\d+\]", r"\1bits[0]", r"instance u_stage1: bits that have passed 0 and 1 registers are added"),
        (r"ones_counter #\(.INPUTS\(6\)", "ones_counter #(.INPUTS(5)", r"rows of \[6\] bits, its parameter says 5"),
        (r"\.left\(\{1'b0", r".left({1'b1", r"IntConst, expected a bit, its complement or 1'b0"),
        (r"    assign charges\[23:0\].*\n", "", r"3 sums, expected 4"),
    ],
    ids=["a place mixed up", "another module", "a register too few", "another size", "a constant one", "a sum missing"],
)  # fmt: skip
def test_what_is_no_sum_is_refused_by_name(pattern: str, replacement: str, expected: str, text: str, tmp_path: Path) -> None:
    changed, count = re.subn(pattern, replacement, text, count=1)
    assert count == 1, f"the text has no {pattern}"
    with pytest.raises(UnprovedError, match=expected):
        _read_back(changed, _matrix(3, 4, 16, 7), tmp_path)


def test_more_levels_of_logic_are_fewer_stages_and_registers() -> None:
    network = build_charge_network(_matrix(5, 8, 200, 1))
    cut = [pipeline(network, levels) for levels in (1, 2, 3, 6, 64)]
    counts, registers = [stages.count for stages in cut], [sum(map(len, stages.held)) for stages in cut]
    assert counts == sorted(counts, reverse=True)
    assert registers == sorted(registers, reverse=True)
    assert counts[0] > counts[2] > counts[-1] == 1
