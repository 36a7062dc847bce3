"""Modules under a bench of their own: cocotb on Verilator, and their elaboration alone."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from model.base.tools import find_tool
from rtl.generate import CORES
from sim.runner import ONE_FILE, UNROLL, BenchRunner, run_bench


def compile_bench(bench: Path, top: str, folder: Path, warnings: Sequence[str] = ()) -> None:
    """Compile a bench with all hand-written modules; ``warnings`` are options of Verilator."""
    runner = BenchRunner(find_tool("verilator"), quick=True)
    arguments = ["--default-language", "1364-2005", "--x-initial", "unique", *warnings]
    runner.build(
        sources=[bench, *sorted(CORES.glob("*.v"))],
        hdl_toplevel=top,
        build_dir=folder,
        build_args=[*arguments, *UNROLL, *ONE_FILE, "-CFLAGS", "-std=gnu++20 -fcoroutines"],
        timescale=("1ns", "1ns"),
        log_file=folder / "compile.log",
    )
    runner.keep_runtime()


def outcomes(compiled: Path, folder: Path, top: str, checks: str) -> dict[str, bool]:
    """Run the checks of a module of cocotb tests: whether each, by name, has passed.

    Args:
        compiled: folder of ``compile_bench``.
        folder: where the simulation runs and reads its memory files.
        top: top module.
        checks: module of the cocotb tests.
    """
    results = run_bench(compiled, folder, checks, {}, seed=20, top=top)
    cases = ElementTree.parse(results).getroot().findall(".//testcase")
    return {str(case.get("name")): case.find("failure") is None and case.find("error") is None for case in cases}


def elaborate(module: str, parameters: Sequence[str], warnings: str = "-Wno-fatal") -> subprocess.CompletedProcess[str]:
    """Let Verilator read a hand-written module with other parameters than its defaults."""
    tool = find_tool("verilator")
    command = [*tool.command, "--lint-only", *warnings.split(), *(f"-G{value}" for value in parameters), "--top-module", module]
    sources = map(str, sorted(CORES.glob("*.v")))
    return subprocess.run([*command, *sources], env=tool.full_environment, capture_output=True, text=True, check=False)
