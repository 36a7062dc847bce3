"""plane_output alone: cocotb on Verilator, and its parameter checks at elaboration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rtl.benches import compile_bench, elaborate, outcomes

DESIGN = Path(__file__).parent / "design" / "plane_bench.v"


def test_words_become_whole_time_steps(tmp_path: Path) -> None:
    compile_bench(DESIGN, "plane_bench", tmp_path)
    passed = outcomes(tmp_path, tmp_path, "plane_bench", "tests.rtl.plane_checks")
    assert len(passed) == 6
    assert [name for name, fine in passed.items() if not fine] == []


@pytest.mark.parametrize(
    "module, parameters, message",
    [
        ("plane_output", ("NEURONS=3", "LANES=2"), "illegal_parameter_NEURONS_not_of_GROUPS_and_LANES"),
        ("plane_output", ("NEURONS=2", "LANES=2", "GROUPS=2"), "illegal_parameter_NEURONS_not_of_GROUPS_and_LANES"),
        ("plane_output", ("MAGNITUDE_BITS=8",), "illegal_parameter_MAGNITUDE_BITS_not_1_to_7"),
        ("plane_output", ("DEPTH_BITS=2",), "illegal_parameter_MARGIN_not_below_the_depth"),
        ("firing_output", ("PLANES=2", "CHANNEL_BITS=3", "DEPTH_BITS=4"), "illegal_parameter_PLANES_not_0_or_1"),
    ],
)
def test_an_impossible_parameter_stops_the_elaboration_by_name(module: str, parameters: tuple[str, ...], message: str) -> None:
    finished = elaborate(module, parameters)
    assert finished.returncode != 0
    assert message in finished.stderr
