"""The hand-written modules alone: cocotb on Verilator, and the parameter checks at elaboration."""

from __future__ import annotations

import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cocotb_tools.runner import get_runner

from model.base.tools import find_tool
from rtl.generate import CORES
from sim.runner import MAKE_VARIABLES

DESIGN = Path(__file__).parent / "design" / "core_bench.v"


def test_modules_alone_do_what_their_headers_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = find_tool("verilator")
    for name, value in tool.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MAKEFLAGS", " ".join(MAKE_VARIABLES))
    runner = get_runner("verilator")
    modules = ("potential_bank", "spike_output", "word_fifo", "word_splitter", "event_serializer", "level_bank")
    runner.build(
        sources=[DESIGN, *(CORES / f"{name}.v" for name in modules)],
        hdl_toplevel="core_bench",
        build_dir=tmp_path,
        build_args=["--default-language", "1364-2005", "--x-initial", "unique", "-CFLAGS", "-std=gnu++20 -fcoroutines"],
        timescale=("1ns", "1ns"),
        log_file=tmp_path / "compile.log",
    )
    results = runner.test(
        test_module="tests.rtl.core_checks",
        hdl_toplevel="core_bench",
        hdl_toplevel_lang="verilog",
        build_dir=tmp_path,
        test_dir=tmp_path,
        seed=20,
        plusargs=["+verilator+rand+reset+2", "+verilator+seed+7"],
        log_file=tmp_path / "simulation.log",
    )
    cases = ElementTree.parse(results).getroot().findall(".//testcase")
    assert len(cases) == 8
    assert [case.get("name") for case in cases if case.find("failure") is not None] == []


@pytest.mark.parametrize(
    "module, parameters, message",
    [
        ("potential_bank", ("WIDTH=33",), "illegal_parameter_WIDTH_not_2_to_32"),
        ("potential_bank", ("GROUPS=3", "GROUP_BITS=1"), "illegal_parameter_GROUPS_beyond_GROUP_BITS"),
        ("word_fifo", ("MARGIN=4",), "illegal_parameter_MARGIN_not_below_the_depth"),
        ("word_splitter", ("LANES=8",), "illegal_parameter_LANES_not_9_to_the_channels"),
        ("event_serializer", ("LANES=9",), "illegal_parameter_LANES_not_1_to_8"),
        ("frame_receiver", ("BEATS=3",), "illegal_parameter_BEATS_beyond_BEAT_BITS"),
        ("input_encoder", ("BITS=2", "STEPS=1"), "illegal_parameter_STEPS_not_of_the_code"),
        ("event_serializer", ("MAGNITUDE_BITS=8",), "illegal_parameter_MAGNITUDE_BITS_not_1_to_7"),
        ("level_bank", ("RANGE=70", "LEVEL_BITS=7"), "illegal_parameter_RANGE_or_FLOOR_not_of_a_level"),
        ("level_bank", ("RANGE=9", "FLOOR=5", "LEVEL_BITS=3"), "illegal_parameter_LEVEL_BITS_below_the_range"),
        ("level_bank", ("CODE=1",), "illegal_parameter_CODE_not_of_a_level"),
        ("level_bank", ("LEAKS=1",), "illegal_parameter_LEAKS_not_of_one_spike_each_way"),
        ("pass_sequencer", ("FIRES=2",), "illegal_parameter_FIRES_not_of_a_decision"),
        ("result_stream", ("CLASSES=3",), "illegal_parameter_CLASSES_beyond_CLASS_BITS"),
    ],
)
def test_an_impossible_parameter_stops_the_elaboration_by_name(module: str, parameters: tuple[str, ...], message: str) -> None:
    tool = find_tool("verilator")
    command = [*tool.command, "--lint-only", "-Wno-fatal", *(f"-G{value}" for value in parameters), "--top-module", module]
    finished = subprocess.run(
        [*command, str(CORES / f"{module}.v")], env=tool.full_environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode != 0
    assert message in finished.stderr
