"""Compiling the bench."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import runner
from sim.core import read_core
from tests.sim.cores import SmallCore


def test_a_quick_bench_of_several_files_compiles(deferred: SmallCore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # In several files Verilator has a precompiled header of its own, and g++ takes one.
    monkeypatch.setattr(runner, "ONE_FILE", ("--output-split", "2000"))
    runner.compile_bench(read_core(deferred.inputs.core, deferred.network), tmp_path / "compile", quick=True)
    assert len(list((tmp_path / "compile").glob("Vtop__*.cpp"))) > 3
    assert (tmp_path / "compile" / "bench").is_file()
