"""Layers of maps alone: cocotb on Verilator, and the parameter checks of their modules."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import pytest

from model.base.tools import find_tool
from rtl.generate import CORES
from sim.runner import ONE_FILE, BenchRunner
from tests.rtl.map_bench import CASES, write_bench

MUTATIONS = (
    ("row_of_the_window", "tested_weights_0.mem", 6, 4),
    ("stride_two_of_packets", "tested_columns_0.mem", 2, 4),
    ("sum_with_identity", "tested_constants.mem", 1, 1),
)
"""Case, memory file, line, and the bits that are turned in it: a weight, a table entry, a threshold."""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bench of all cases, compiled once, beside the memory files that it reads."""
    folder = tmp_path_factory.mktemp("maps")
    bench = write_bench(folder)
    runner = BenchRunner(find_tool("verilator"), quick=True)
    arguments = ["--default-language", "1364-2005", "--x-initial", "unique", "-Wno-fatal", "-Wno-DECLFILENAME"]
    runner.build(
        sources=[bench, *sorted(CORES.glob("*.v"))],
        hdl_toplevel="map_bench",
        build_dir=folder,
        build_args=[*arguments, *ONE_FILE, "-CFLAGS", "-std=gnu++20 -fcoroutines"],
        timescale=("1ns", "1ns"),
        log_file=folder / "compile.log",
    )
    runner.keep_runtime()
    return folder


def _failed_cases(compiled: Path, folder: Path) -> list[str]:
    """Names of the checks that fail with the memory files in ``folder``."""
    results, log = folder / "cocotb.xml", folder / "simulation.log"
    # cocotb's runner gives up on failed tests where it runs under pytest; those have left their outcome.
    with suppress(SystemExit):
        BenchRunner(find_tool("verilator")).test(
            test_module="tests.rtl.map_checks",
            hdl_toplevel="map_bench",
            hdl_toplevel_lang="verilog",
            build_dir=compiled,
            test_dir=folder,
            results_xml=str(results),
            seed=20,
            plusargs=["+verilator+rand+reset+2", "+verilator+seed+7"],
            log_file=log,
        )
    assert "%Warning" not in log.read_text()
    cases = ElementTree.parse(results).getroot().findall(".//testcase")
    assert len(cases) == 2 * len(CASES)
    return sorted(str(case.get("name")) for case in cases if case.find("failure") is not None)


def test_layers_of_maps_send_what_their_potentials_say(compiled: Path) -> None:
    assert _failed_cases(compiled, compiled) == []


def test_a_changed_weight_table_or_threshold_is_seen_in_its_layer_alone(compiled: Path, tmp_path: Path) -> None:
    for case in CASES:
        shutil.copytree(compiled / case.name, tmp_path / case.name)
    for name, memory, line, bits in MUTATIONS:
        path = tmp_path / name / "memory" / memory
        words = path.read_text().splitlines()
        words[line] = f"{int(words[line], 16) ^ bits:0{len(words[line])}x}"
        path.write_text("\n".join(words) + "\n")
    expected = [f"{name}_{how}" for name, *_ in MUTATIONS for how in ("with_gaps_and_stalls", "without_a_bubble")]
    assert _failed_cases(compiled, tmp_path) == expected


@pytest.mark.parametrize("pixels", [2, 3, 4, 5, 8])
def test_a_table_of_few_pixels_is_read_without_a_warning(pixels: int) -> None:
    tool = find_tool("verilator")
    parameters = (f"-GPIXELS={pixels}", "-GROW_BITS=3")
    command = [*tool.command, "--lint-only", "-Wall", "-Wpedantic", *parameters, "--top-module", "pixel_address"]
    finished = subprocess.run(
        [*command, str(CORES / "pixel_address.v")], env=tool.full_environment, capture_output=True, text=True, check=False
    )
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.parametrize(
    "module, parameters, message",
    [
        ("axis_map", ("PASSES=3",), "illegal_parameter_PASSES_beyond_PASS_BITS"),
        ("charge_bank", ("DEPTH=3",), "illegal_parameter_DEPTH_beyond_ADDRESS_BITS"),
        ("charge_bank", ("OPERAND_BITS=9",), "illegal_parameter_WIDTH_not_OPERAND_BITS_to_32"),
        ("flat_address", ("OUT_BITS=3", "CHANNEL_BITS=4"), "illegal_parameter_OUT_BITS_below_CHANNEL_BITS"),
        ("level_sender", ("STEPS=2", "STEP_BITS=1"), "illegal_parameter_STEPS_not_of_CODE"),
        ("level_sender", ("CODE=1", "MAGNITUDE_BITS=2"), "illegal_parameter_MAGNITUDE_BITS_not_of_a_level"),
        ("link_fork", ("OUTPUTS=1",), "illegal_parameter_OUTPUTS_below_2"),
        ("lookup_table", ("ENTRIES=3",), "illegal_parameter_ENTRIES_beyond_INDEX_BITS"),
        ("map_decision", ("FIRES=2",), "illegal_parameter_ROWS_not_of_the_stages"),
        ("map_neurons", ("POOLS=1", "CAUSAL=1"), "illegal_parameter_POOLS_of_causal_neurons"),
        ("map_neurons", ("SCANS=2",), "illegal_parameter_SCANS_not_of_direct_input"),
        ("map_scan", ("BASE_BITS=4",), "illegal_parameter_BASE_BITS_not_of_a_map"),
        ("map_synapses", ("LAST_LANES=2",), "illegal_parameter_LAST_LANES_not_1_to_LANES"),
        ("pixel_address", ("PIXELS=9",), "illegal_parameter_PIXELS_beyond_PIXEL_BITS"),
        ("window_walk", ("SHIFTS=2",), "illegal_parameter_SHIFTS_beyond_SHIFT_BITS_or_causal"),
    ],
)
def test_an_impossible_parameter_stops_the_elaboration_by_name(module: str, parameters: tuple[str, ...], message: str) -> None:
    tool = find_tool("verilator")
    command = [*tool.command, "--lint-only", "-Wno-fatal", *(f"-G{value}" for value in parameters), "--top-module", module]
    finished = subprocess.run(
        [*command, *map(str, sorted(CORES.glob("*.v")))], env=tool.full_environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode != 0
    assert message in finished.stderr
