"""Layers of maps alone: cocotb on Verilator, and the parameter checks of their modules."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.rtl.benches import compile_bench, elaborate, outcomes
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
    compile_bench(write_bench(folder), "map_bench", folder, ["-Wno-fatal", "-Wno-DECLFILENAME"])
    return folder


def _failed_cases(compiled: Path, folder: Path) -> list[str]:
    """Names of the checks that fail with the memory files in ``folder``."""
    passed = outcomes(compiled, folder, "map_bench", "tests.rtl.map_checks")
    assert len(passed) == 2 * len(CASES)
    return sorted(name for name, fine in passed.items() if not fine)


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
    finished = elaborate("pixel_address", (f"PIXELS={pixels}", "ROW_BITS=3"), warnings="-Wall -Wpedantic")
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.parametrize(
    "module, parameters, message",
    [
        ("axis_map", ("PASSES=3",), "illegal_parameter_PASSES_beyond_PASS_BITS"),
        ("charge_bank", ("BUFFERS=3",), "illegal_parameter_BUFFERS_not_1_or_2"),
        ("charge_bank", ("DEPTH=3",), "illegal_parameter_DEPTH_beyond_ADDRESS_BITS"),
        ("charge_bank", ("OPERAND_BITS=9",), "illegal_parameter_WIDTH_not_OPERAND_BITS_to_32"),
        ("charge_banks", ("SYNAPSES=3",), "illegal_parameter_SYNAPSES_not_1_or_2"),
        ("charge_banks", ("BANK_ROWS=3",), "illegal_parameter_BANK_BITS_too_few"),
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
    finished = elaborate(module, parameters)
    assert finished.returncode != 0
    assert message in finished.stderr
