"""The audit passes every generated core and finds whatever was smuggled into one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.integer_network import InputCode, Network, WireCode
from rtl.audit import AuditResult, audit_core
from rtl.audit.expectation import expected_layers
from rtl.audit.memory_files import check_memory, expected_memories
from rtl.core_settings import CoreSettings
from rtl.generate import generate_core
from sim.random_maps import random_map_case
from sim.random_networks import random_case
from tests.rtl.audit_networks import causal_network, deferred_network, multi_spike_network, signed_network
from tests.rtl.map_bench import CASES, network_of

LANES: list[int] = [2, 2]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    generate_core(deferred_network(), LANES, folder)
    return folder


@pytest.fixture
def core(sound: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return shutil.copytree(sound, tmp_path / "core")


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) >= 1, f"{path.name} has no {old}"
    path.write_text(text.replace(old, new, 1))


def _line_of(path: Path, text: str) -> int:
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if text in line)


def _audit(core: Path) -> AuditResult:
    result = audit_core(core, deferred_network())
    assert not result.passed
    return result


@pytest.mark.parametrize(
    "network, lanes",
    [
        (deferred_network(), [2, 2]),
        (deferred_network(WireCode.BITS, levels=3), [5, 1]),
        (deferred_network(WireCode.UNARY, levels=4, encoder=InputCode.UNARY), [3, 2]),
        (causal_network(), [2, 1, 2]),
        (signed_network(WireCode.COUNT), [2, 2]),
        (signed_network(WireCode.UNARY), [5, 1]),
        (signed_network(WireCode.BITS), [3, 2]),
        (multi_spike_network(), [2, 1, 2]),
    ],
    ids=["held levels", "one group", "unary", "causal", "signed count", "signed unary", "signed bits", "multi-spike and leaky"],
)
def test_a_generated_core_passes(network: Network, lanes: list[int], tmp_path: Path) -> None:
    generate_core(network, lanes, tmp_path)
    result = audit_core(tmp_path, network)
    assert result.mismatches == ()
    assert result.passed
    assert result.multipliers == 0
    assert all(memory.checked == memory.words > 0 for memory in result.memories)


@pytest.mark.parametrize("seed", range(10))
def test_random_cores_pass(seed: int, tmp_path: Path) -> None:
    case = random_case(seed)
    generate_core(case.network, list(case.lanes), tmp_path)
    assert audit_core(tmp_path, case.network).mismatches == ()


@pytest.mark.parametrize("seed", [1, 2, 4, 5, 6, 7, 8, 12])
def test_random_cores_of_maps_pass_with_any_lanes(seed: int, tmp_path: Path) -> None:
    case = random_map_case(seed)
    lanes = [Random(seed).choice([1, 2, 7, 40, 400]) for _ in case.network.layers]
    generate_core(case.network, lanes, tmp_path, settings=case.settings)
    assert audit_core(tmp_path, case.network).mismatches == ()


def test_a_map_with_other_buffers_than_described_is_found(tmp_path: Path) -> None:
    network = network_of(CASES[0])
    generate_core(network, [1, 45, 1], tmp_path, settings=CoreSettings(1))
    top = tmp_path / "verilog" / "isospike_core.v"
    top.write_text(top.read_text().replace(".BUFFERS(1)", ".BUFFERS(2)"))
    assert audit_core(tmp_path, network).mismatches == tuple(
        f"module map_neurons: instance u_layer_{name}: parameter BUFFERS: expected 1, found 2" for name in ("first", "tested")
    )


@pytest.mark.parametrize("table", ["weights_0", "rows_0", "columns_0", "scan_rows", "scan_columns", "constants"])
def test_a_changed_table_of_a_map_is_found(table: str, tmp_path: Path) -> None:
    network = network_of(CASES[0])
    generate_core(network, [1, 45, 1], tmp_path)
    path = tmp_path / "memory" / f"tested_{table}.mem"
    first, rest = path.read_text().split("\n", 1)
    path.write_text(f"{int(first, 16) ^ 1:0{len(first)}x}\n{rest}")
    (mismatch,) = audit_core(tmp_path, network).mismatches
    assert mismatch.startswith(f"memory/tested_{table}.mem: word 0 (")


@pytest.mark.parametrize(
    "change, message",
    [
        (
            (".FLOOR(2)", ".FLOOR(1)"),
            "module event_layer: instance u_layer_first: parameter FLOOR: expected 2, found 1",
        ),
        (
            (".SIGNED_IN(1)", ".SIGNED_IN(0)"),
            "module readout_layer: instance u_layer_last: parameter SIGNED_IN: expected 1, found 0",
        ),
        (
            (".in_negative(8'd0)", ".in_negative(4'd0)"),
            "module event_serializer: instance u_input_events: port in_negative: expected 8 bits, found 4",
        ),
    ],
)
def test_what_belongs_to_signs_is_checked(change: tuple[str, str], message: str, tmp_path: Path) -> None:
    generate_core(signed_network(), [2, 2], tmp_path)
    _replace(tmp_path / "verilog" / "isospike_core.v", *change)
    assert message in audit_core(tmp_path, signed_network()).mismatches


def test_the_result_as_json_has_the_documented_keys(sound: Path) -> None:
    result = json.loads(json.dumps(audit_core(sound, deferred_network()).as_dict()))
    assert set(result) == {"passed", "multipliers", "operators", "modules", "ports", "memories", "wired_weights", "mismatches"}
    assert set(result["operators"]) == {"datapath", "constant", "variable_shifts"}
    assert result["operators"]["constant"]["select index"] > 0
    assert "potential_bank" in result["modules"]
    assert result["ports"]["ports"] == 11
    weights = next(memory for memory in result["memories"] if memory["file"] == "memory/first_weights.mem")
    # Three source channels, five neurons on two lanes make three groups.
    assert (weights["words"], weights["width"], weights["checked"]) == (9, 8, 9)


@pytest.mark.parametrize("symbol", ["*", "/", "%", "**"])
def test_a_multiplier_in_a_datapath_is_found_and_named(core: Path, symbol: str) -> None:
    bank = core / "verilog/potential_bank.v"
    line = _line_of(bank, "= addend + value;")
    _replace(bank, "= addend + value;", f"= addend {symbol} value;")
    result = _audit(core)
    assert result.multipliers == 1
    assert result.as_dict()["operators"]["datapath"] == [f"potential_bank.v:{line}: operator {symbol} in a datapath"]


def test_a_multiplier_in_an_unused_module_counts_as_well(core: Path) -> None:
    _replace(core / "verilog/direct_layer.v", "charge_selected <= charging;", "charge_selected <= charging * fire;")
    assert _audit(core).multipliers == 1


def test_a_changed_width_is_found_in_parameter_wire_and_port(core: Path) -> None:
    top = core / "verilog/isospike_core.v"
    width = deferred_network().layers[0].neuron.potential_bits
    _replace(top, f".WIDTH({width})", f".WIDTH({width + 1})")
    _replace(top, "output wire [31:0] m_axis_tdata", "output wire [30:0] m_axis_tdata")
    _replace(top, "wire [2:0] link0_channel", "wire [3:0] link0_channel")
    assert _audit(core).mismatches == (
        "module isospike_core: port m_axis_tdata: expected output of 32 bits, found output of 31 bits",
        f"module event_layer: instance u_layer_first: parameter WIDTH: expected {width}, found {width + 1}",
        "module event_serializer: instance u_input_events: port out_channel: expected 3 bits, found 4",
        "module event_layer: instance u_layer_first: port in_channel: expected 3 bits, found 4",
        "module result_stream: instance u_result: port m_axis_tdata: expected 32 bits, found 31",
    )


def test_swapped_memory_files_are_found(core: Path) -> None:
    _replace(
        core / "verilog/isospike_core.v", '.CONSTANTS("memory/first_constants.mem")', '.CONSTANTS("memory/last_constants.mem")'
    )
    assert _audit(core).mismatches == (
        "module event_layer: instance u_layer_first: parameter CONSTANTS:"
        " expected memory/first_constants.mem, found memory/last_constants.mem",
    )


def test_fewer_lanes_than_the_description_says_are_found(core: Path) -> None:
    _replace(core / "verilog/isospike_core.v", ".LANES(2), .GROUPS(3)", ".LANES(3), .GROUPS(2)")
    assert _audit(core).mismatches[:2] == (
        "module event_layer: instance u_layer_first: parameter GROUPS: expected 3, found 2",
        "module event_layer: instance u_layer_first: parameter LANES: expected 2, found 3",
    )


@pytest.mark.parametrize(
    "file, word, old, new, expected",
    [
        # Source channel 0 of group 0: neurons 0 and 1 have weights 1 and 0.
        ("first_weights.mem", 0, "01", "02", "word 0 (group 0 source channel 0) element 0: expected 1, found 2"),
        # Source channel 2 of group 1: neurons 2 and 3 have weights 5 and 2.
        ("first_weights.mem", 5, "25", "a5", "word 5 (group 1 source channel 2) element 1: expected 2, found -6"),
        # Five levels in three planes: the potential is held below six thresholds first, 2 - 6 * 4 = -22.
        ("last_constants.mem", 0, None, None, "word 0 (offset group 0) element 0: expected 1, found 0"),
    ],
)
def test_one_changed_memory_word_is_found_and_named(
    core: Path, file: str, word: int, old: str | None, new: str | None, expected: str
) -> None:
    path = core / "memory" / file
    lines = path.read_text().splitlines()
    assert old is None or lines[word] == old
    lines[word] = new if new is not None else f"{int(lines[word], 16) ^ 1:0{len(lines[word])}x}"
    path.write_text("\n".join(lines) + "\n")
    assert _audit(core).mismatches == (f"memory/{file}: {expected}",)


def test_every_kind_of_constant_stands_where_the_page_says(core: Path) -> None:
    """docs/rtl.md: offset less six thresholds, six thresholds, then minus 4, 2 and 1 thresholds; groups padded to four."""
    width = deferred_network().layers[0].neuron.potential_bits
    words = [int(line, 16) for line in (core / "memory/first_constants.mem").read_text().split()]
    assert len(words) == 5 * 4
    neuron_0 = [words[row * 4] & ((1 << width) - 1) for row in range(5)]
    signed = [value - (1 << width) if value >> (width - 1) else value for value in neuron_0]
    assert signed == [2 - 6 * 4, 6 * 4, -4 * 4, -2 * 4, -4]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 999), choice=st.randoms(use_true_random=False))
def test_a_flipped_bit_in_any_memory_of_any_network_is_found(seed: int, choice: Random, tmp_path: Path) -> None:
    case = random_case(seed, frames=2)
    generate_core(case.network, list(case.lanes), tmp_path)
    memories = expected_memories(case.network, expected_layers(case.network, case.lanes, 2, ["event"] * len(case.lanes)))
    assert all(check_memory(tmp_path, memory).mismatches == 0 for memory in memories)
    memory = choice.choice(memories)
    word, bit = choice.randrange(len(memory.rows)), choice.randrange(memory.width)
    path = tmp_path / memory.file
    lines = path.read_text().splitlines()
    lines[word] = f"{int(lines[word], 16) ^ (1 << bit):0{len(lines[word])}x}"
    path.write_text("\n".join(lines) + "\n")
    found = check_memory(tmp_path, memory)
    assert found.mismatches == 1
    assert found.first is not None
    assert found.first.startswith(f"{memory.file}: word {word} ({memory.rows[word]}) element {bit // memory.element_bits}: ")


def _truncate(core: Path) -> str:
    path = core / "memory/first_weights.mem"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    return "memory/first_weights.mem: expected 9 words, found 8"


def _no_number(core: Path) -> str:
    path = core / "memory/first_weights.mem"
    path.write_text(path.read_text().replace("01", "0x", 1))
    return "memory/first_weights.mem: word 0 (group 0 source channel 0): expected 8 bits in 2 digits, found 0x"


def _too_wide(core: Path) -> str:
    path = core / "memory/first_weights.mem"
    path.write_text("1" + path.read_text())
    return "memory/first_weights.mem: word 0 (group 0 source channel 0): expected 8 bits in 2 digits, found 101"


def _missing_memory(core: Path) -> str:
    (core / "memory/last_constants.mem").unlink()
    return "memory/last_constants.mem: expected 1 words, found no such file"


def _surplus_memory(core: Path) -> str:
    (core / "memory/other.mem").write_text("0\n")
    return "file memory/other.mem: expected none, found one"


def _missing_module(core: Path) -> str:
    (core / "verilog/word_fifo.v").unlink()
    return "file verilog/word_fifo.v: expected it, found none"


def _missing_top(core: Path) -> str:
    (core / "verilog/isospike_core.v").unlink()
    return "file verilog/isospike_core.v: expected it, found none"


def _two_modules(core: Path) -> str:
    with (core / "verilog/word_fifo.v").open("a") as stream:
        stream.write("module second (input wire a); endmodule\n")
    return "file word_fifo.v: expected the one module word_fifo, found word_fifo, second"


def _unknown_module(core: Path) -> str:
    path = core / "verilog/word_fifo.v"
    _replace(path, "endmodule", "    DSP48E1 hidden ();\nendmodule")
    return f"word_fifo.v:{_line_of(path, 'DSP48E1')}: instance hidden of module DSP48E1: expected a file DSP48E1.v, found none"


def _unguarded_guard(core: Path) -> str:
    path = core / "verilog/word_fifo.v"
    _replace(path, "endmodule", "    illegal_parameter_X hidden ();\nendmodule")
    place = f"word_fifo.v:{_line_of(path, 'illegal_parameter_X')}: instance hidden of module illegal_parameter_X"
    return f"{place}: expected a file illegal_parameter_X.v, found none"


def _macro(core: Path) -> str:
    path = core / "verilog/word_fifo.v"
    _replace(path, "endmodule", '`include "multiply.v"\nendmodule')
    line = _line_of(path, "`include")
    return f"word_fifo.v:{line}: directive `include; expected none, since its text is hidden from the parser"


def _logic_in_top(core: Path) -> str:
    path = core / "verilog/isospike_core.v"
    _replace(path, "endmodule", "    wire extra = clk & rst;\nendmodule")
    return f"isospike_core.v:{_line_of(path, 'extra')}: Assign in the top level, expected instances only"


def _expression_in_top(core: Path) -> str:
    path = core / "verilog/isospike_core.v"
    _replace(path, ".rst(rst)", ".rst(~rst)")
    line = _line_of(path, ".rst(~rst)")
    return f"isospike_core.v:{line}: port rst of u_receiver is an expression, expected instances only"


def _not_verilog(core: Path) -> str:
    path = core / "verilog/word_fifo.v"
    _replace(path, "endmodule", "endmodul")
    return "word_fifo.v:?: not parsed, None: at end of input"


def _surplus_instance(core: Path) -> str:
    path = core / "verilog/isospike_core.v"
    _replace(path, "endmodule", "    unobserved #(.WIDTH(1)) u_more (.signals(clk));\nendmodule")
    return "module isospike_core: instance u_more: expected none, found one of unobserved"


def _description(core: Path) -> str:
    _replace(core / "rtl.json", '"beats": 1', '"beats": 2')
    return "rtl.json: beats: expected 1, found 2"


DAMAGE: list[Callable[[Path], str]] = [
    _truncate,
    _no_number,
    _too_wide,
    _missing_memory,
    _surplus_memory,
    _missing_module,
    _missing_top,
    _two_modules,
    _unknown_module,
    _unguarded_guard,
    _macro,
    _logic_in_top,
    _expression_in_top,
    _not_verilog,
    _surplus_instance,
    _description,
]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__.strip("_"))
def test_damage_is_found_and_named_on_one_line(core: Path, damage: Callable[[Path], str]) -> None:
    expected = damage(core)
    mismatches = _audit(core).mismatches
    assert expected in mismatches
    assert all("\n" not in line for line in mismatches)


def test_the_network_counts_and_not_the_generator(sound: Path) -> None:
    network = deferred_network()
    network.layers[0].neuron.threshold[1] += 1
    mismatches = audit_core(sound, network).mismatches
    assert len(mismatches) == 1
    assert mismatches[0].startswith(
        "memory/first_constants.mem: word 0 (offset - (levels + 1) threshold group 0) element 1: expected -37"
    )
    assert np.array_equal(deferred_network().layers[0].neuron.threshold, [4, 5, 6, 7, 8])
