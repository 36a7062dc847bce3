"""Compiling the bench, and Verilator's lint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from model.integer_network import Encoder, InputCode, verify_network, with_proved_widths
from rtl.core_settings import CoreSettings
from rtl.generate import generate_core
from sim import runner
from sim.core import read_core
from tests.rtl.audit_networks import deferred_network
from tests.sim.cores import SmallCore


def test_a_quick_bench_of_several_files_compiles(deferred: SmallCore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # In several files Verilator has a precompiled header of its own, and g++ takes one.
    monkeypatch.setattr(runner, "ONE_FILE", ("--output-split", "2000"))
    runner.compile_bench(read_core(deferred.inputs.core, deferred.network), tmp_path / "compile", quick=True)
    assert len(list((tmp_path / "compile").glob("Vtop__*.cpp"))) > 3
    assert (tmp_path / "compile" / "bench").is_file()


@pytest.mark.parametrize("engine", ["event", "unrolled"])
@pytest.mark.parametrize("code", [InputCode.UNARY, InputCode.BITS])
@pytest.mark.parametrize("bits", [1, 3])
def test_verilator_warns_of_no_encoder_whatever_its_pixels_code_and_port(
    engine: str, code: InputCode, bits: int, tmp_path: Path
) -> None:
    network = verify_network(with_proved_widths(replace(deferred_network(), encoder=Encoder((3,), bits, code))))
    ports: tuple[Literal["stream", "frame"], ...] = ("stream", "frame") if engine == "unrolled" else ("stream",)
    for port in ports:
        folder = tmp_path / port
        generate_core(network, "auto", folder, engine=engine, settings=CoreSettings(port=port))
        assert runner.lint(read_core(folder, network), counters=1) == ""
