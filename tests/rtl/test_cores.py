"""The hand-written modules alone: cocotb on Verilator, and the parameter checks at elaboration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rtl.benches import compile_bench, elaborate, outcomes

DESIGN = Path(__file__).parent / "design" / "core_bench.v"


def test_modules_alone_do_what_their_headers_say(tmp_path: Path) -> None:
    compile_bench(DESIGN, "core_bench", tmp_path)
    passed = outcomes(tmp_path, tmp_path, "core_bench", "tests.rtl.core_checks")
    assert len(passed) == 9
    assert [name for name, fine in passed.items() if not fine] == []


@pytest.mark.parametrize(
    "module, parameters, message",
    [
        ("potential_bank", ("WIDTH=33",), "illegal_parameter_WIDTH_not_2_to_32"),
        ("potential_bank", ("GROUPS=3", "GROUP_BITS=1"), "illegal_parameter_GROUPS_beyond_GROUP_BITS"),
        ("operand_choice", ("WIDTH=3",), "illegal_parameter_WIDTH_below_WEIGHT_BITS"),
        ("plane_output", ("NEURONS=3", "LANES=2"), "illegal_parameter_NEURONS_not_of_GROUPS_and_LANES"),
        ("plane_output", ("NEURONS=2", "LANES=2", "GROUPS=2"), "illegal_parameter_NEURONS_not_of_GROUPS_and_LANES"),
        ("plane_output", ("MAGNITUDE_BITS=8",), "illegal_parameter_MAGNITUDE_BITS_not_1_to_7"),
        ("plane_output", ("DEPTH_BITS=2",), "illegal_parameter_MARGIN_not_below_the_depth"),
        ("firing_output", ("PLANES=2", "CHANNEL_BITS=3", "DEPTH_BITS=4"), "illegal_parameter_PLANES_not_0_or_1"),
        ("constant_memory", ("FIXED_ROW=1",), "illegal_parameter_FIXED_ROW_beyond_ROWS"),
        ("waiting_words", ("WIDTH=0",), "illegal_parameter_WIDTH_below_1"),
        ("frame_pacer", ("INTERVAL=3",), "illegal_parameter_INTERVAL_beyond_INTERVAL_BITS"),
        ("frame_pacer", ("FRAME_BITS=0",), "illegal_parameter_FRAME_BITS_below_1"),
        ("frame_queue", ("FRAME_BITS=0",), "illegal_parameter_FRAME_BITS_below_1"),
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
    finished = elaborate(module, parameters)
    assert finished.returncode != 0
    assert message in finished.stderr
