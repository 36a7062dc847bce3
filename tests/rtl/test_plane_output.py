"""plane_output alone: cocotb on Verilator."""

from __future__ import annotations

from pathlib import Path

from tests.rtl.benches import compile_bench, outcomes

DESIGN = Path(__file__).parent / "design" / "plane_bench.v"


def test_words_become_whole_time_steps(tmp_path: Path) -> None:
    compile_bench(DESIGN, "plane_bench", tmp_path)
    passed = outcomes(tmp_path, tmp_path, "plane_bench", "tests.rtl.plane_checks")
    assert len(passed) == 6
    assert [name for name, fine in passed.items() if not fine] == []
