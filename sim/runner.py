"""Verilator through cocotb's runner: lint, compile once, run many times."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import cocotb_tools.config
from cocotb_tools.runner import Verilator

from model.base.files import write_text
from model.base.tools import Tool, find_tool
from sim.bench_top import TOP, bench_sources, bench_top
from sim.core import Core, Netlist

WARNINGS = ("-Wall", "-Wpedantic")
# A netlist and models of cells are nobody's style; what breaks a simulation is an error all the same.
_FOREIGN_WARNINGS = ("-Wno-lint", "-Wno-style", "-Wno-INITIALDLY", "-Wno-SPECIFYIGN")
# What nobody set is random at the start and for every seed, so that a missing reset cannot hide behind zeros.
_UNSET = ("--x-initial", "unique", "--x-assign", "unique")
_LANGUAGE = ("--default-language", "1364-2005")
# g++ needs both for the clock of the bench; Verilator's Python package does not know the compiler and leaves them out.
COMPILER_FLAGS = "-std=gnu++20 -fcoroutines"
# One C++ file where it can be: in several, each with two precompiled headers, g++ needs almost three times as long.
ONE_FILE = ("--output-split", "200000")
# Of a large core in functions of this size: g++ is done in two thirds of the time, and the simulation is a twentieth slower.
_FUNCTIONS = ("--output-split-cfuncs", "5000")
# Loops over the lanes of a word are written out, so that every place in the word is a constant.
UNROLL = ("--unroll-count", "1024", "--unroll-stmts", "1000000")
# Measured on 784-128-10: -O2 and -O3 take half as long again to compile and simulate no faster; what runs once stays -O0.
_OPTIMISATION = {"OPT_FAST": "-O1", "OPT_SLOW": "-O0", "OPT_GLOBAL": "-O1"}
# A bench that plays a few frames takes longer to compile than to run, and most of that is reading headers.
_QUICK = dict.fromkeys(_OPTIMISATION, "-O0")
_HEADERS = "headers.h"
_HEADERS_TEXT = "".join(f'#include "verilated{part}.h"\n' for part in ("", "_dpi", "_timing", "_vpi"))
# The compiler flags are those of Verilator's makefile; without the same ones g++ ignores what was precompiled.
_PRECOMPILE = "{0}.gch: {0}\n\t$(CXX) -O0 $(CXXFLAGS) $(CPPFLAGS) -x c++-header -o $@.$$$$ $< && mv $@.$$$$ $@"
_RUNTIME_OBJECTS = "verilated*.o"
_CACHE_VARIABLE = "XDG_CACHE_HOME"
# What the wheel was built with and a machine need not have: a compiler of precompiled headers, a command called python.
MAKE_VARIABLES = ("CFG_CXXFLAGS_PCH_I=-include", f"PYTHON3={sys.executable}")


class SimulationError(Exception):
    """The simulator could not be built or did not come to its end; the text says what it printed last."""


class BenchRunner(Verilator):
    """cocotb's Verilator runner without its wish to make every signal public, which forbids most of Verilator's optimisations."""

    def __init__(self, tool: Tool, quick: bool = False) -> None:
        self._tool = tool
        self._quick = quick
        self._optimisation = _QUICK if quick else _OPTIMISATION
        super().__init__()

    def _simulator_in_path_build_only(self) -> None:
        self.executable = self._tool.command[0]

    def _set_env_common(self) -> None:
        super()._set_env_common()
        self.env |= self._tool.environment
        libraries = str(cocotb_tools.config.libs_dir)
        self.env["PATH"] = os.pathsep.join([self.env["PATH"], libraries])

    def _build_command(self) -> list[list[str]]:
        verilate, make = super()._build_command()
        verilate = [argument for argument in verilate if argument != "--public-flat-rw"]
        plain = [*make, *MAKE_VARIABLES]
        headers = self._headers() if self._quick else None
        included = "" if headers is None else f" -include {headers}"
        # g++ takes one precompiled header: of a large design, which is several files, that of Verilator is read as it is.
        alone = [] if headers is None else [f"VK_PCH_I_{kind}=" for kind in ("FAST", "SLOW")]
        make = [*plain, *alone, *(f"{name}={level}{included}" for name, level in self._optimisation.items())]
        precompile = [] if headers is None else [[*plain, f"--eval={_PRECOMPILE.format(headers)}", f"{headers}.gch"]]
        ready = sorted(str(path) for path in self._runtime().glob(_RUNTIME_OBJECTS))
        # Verilator's own library takes longer to compile than a small core; its objects are the same for every core.
        # They are copied after Verilator has run, or make would think them older than the makefile.
        return [verilate, *([["cp", *ready, str(self.build_dir)]] if ready else []), *precompile, make]

    def _headers(self) -> Path | None:
        """The file of headers that is kept precompiled; None without a writable cache, or where make cannot write its name."""
        headers = self._runtime().with_suffix(".headers") / _HEADERS
        if " " in str(headers):
            return None
        try:
            if not headers.exists():
                write_text(headers, _HEADERS_TEXT)
        except OSError:
            return None
        return headers if os.access(headers.parent, os.W_OK) else None

    def _runtime(self) -> Path:
        """Where the compiled library is kept, by everything that it depends on."""
        cache = Path(os.environ.get(_CACHE_VARIABLE) or Path.home() / ".cache")
        compiler = find_tool("g++")
        made_of = [*self._tool.command, self._tool.version, *compiler.command, compiler.version, COMPILER_FLAGS]
        made_of += [f"{name}={level}" for name, level in self._optimisation.items()]
        name = hashlib.sha256(" ".join([*made_of, f"waves={self.waves}"]).encode()).hexdigest()[:16]
        return cache / "isospike" / f"verilator-{name}"

    def keep_runtime(self) -> None:
        """Put the compiled library where the next build finds it; a race between two builds is harmless."""
        kept = self._runtime()
        if kept.exists():
            return
        beside = kept.with_name(f".{kept.name}.{os.getpid()}.partial")
        try:
            beside.mkdir(parents=True, exist_ok=True)
            for path in self.build_dir.glob(_RUNTIME_OBJECTS):
                shutil.copyfile(path, beside / path.name)
            beside.rename(kept)
        except OSError:
            # Without a writable cache, or when another build was first, nothing is lost but time.
            shutil.rmtree(beside, ignore_errors=True)


def verilator() -> Tool:
    """Verilator, with everything that it needs beside it.

    Raises:
        UserError: Verilator, make, perl or g++ is missing.
    """
    for name in ("make", "perl", "g++"):
        find_tool(name)
    return find_tool("verilator")


def lint(core: Core, counters: int) -> str:
    """What Verilator has against the core alone, with all warnings on; empty where that is nothing."""
    tool = verilator()
    command = [*tool.command, "--lint-only", *WARNINGS, *_LANGUAGE, f"-GCOUNTERS={counters}", "--top-module", core.plan.top]
    finished = subprocess.run(
        [*command, *map(str, core.sources)],
        cwd=core.folder, env=tool.full_environment, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    clean = finished.returncode == 0 and "%Warning" not in finished.stdout and "%Error" not in finished.stdout
    return "" if clean else finished.stdout.strip() or f"verilator ended with status {finished.returncode}"


def compile_bench(core: Core, folder: Path, waves: bool = False, quick: bool = False, netlist: Netlist | None = None) -> None:
    """Compile the bench around a core into ``folder``.

    Args:
        core: the core.
        folder: of everything that is written.
        waves: write a waveform.
        quick: compile sooner what then runs slower.
        netlist: its netlist, compiled in place of the core's own files.

    Raises:
        SimulationError: Verilator or the compiler refused it, warnings included.
    """
    folder.mkdir(parents=True, exist_ok=True)
    top = folder / f"{TOP}.v"
    write_text(top, bench_top(core, waves, netlist is not None))
    dialect = (*WARNINGS, *_LANGUAGE) if netlist is None else _FOREIGN_WARNINGS
    arguments = [*dialect, *_UNSET, "--timing", "-O3", *UNROLL, *ONE_FILE, *_FUNCTIONS]
    arguments += ["--threads", "1", "-CFLAGS", COMPILER_FLAGS]
    runner = BenchRunner(verilator(), quick)
    log = folder / "compile.log"
    try:
        runner.build(
            sources=[*bench_sources(), *(core.sources if netlist is None else netlist.sources), top],
            includes=[] if netlist is None else [netlist.models],
            hdl_toplevel=TOP,
            build_dir=folder,
            build_args=arguments,
            timescale=("1ns", "1ns"),
            waves=waves,
            log_file=log,
        )
    except (RuntimeError, SystemExit) as error:
        raise SimulationError(f"the bench does not compile: {_last_lines(log)}") from error
    runner.keep_runtime()


def run_bench(
    compiled: Path,
    folder: Path,
    test_module: str,
    environment: Mapping[str, str],
    seed: int,
    top: str = TOP,
) -> Path:
    """Run one simulation process and return the results file of cocotb.

    Args:
        compiled: what ``compile_bench`` filled.
        folder: working directory, where records are written and ``memory/`` is.
        test_module: cocotb tests.
        environment: variables for them.
        seed: of the initial values of everything that is not reset, and of cocotb.
        top: top module.

    Raises:
        SimulationError: it ended early, or printed a warning or an error, such as a memory file that did not load.
    """
    runner = BenchRunner(verilator())
    log = folder / "simulation.log"
    # Verilator takes seeds from 1 on.
    unset = [f"+verilator+seed+{seed % (2**31 - 2) + 1}", "+verilator+rand+reset+2"]
    # The simulation runs in its folder, from where a relative name would be another file.
    results = folder.absolute() / "cocotb.xml"
    stopped = ""
    try:
        runner.test(
            test_module=test_module,
            hdl_toplevel=top,
            hdl_toplevel_lang="verilog",
            build_dir=compiled,
            test_dir=folder,
            results_xml=str(results),
            plusargs=unset,
            extra_env=dict(environment),
            seed=seed,
            log_file=log,
        )
    except (RuntimeError, SystemExit) as error:
        # cocotb's runner gives up on failed tests as well, where it runs under pytest; those have left their outcome.
        stopped = str(error)
    complaints = [line for line in log.read_text(errors="replace").splitlines() if line.startswith(("%Warning", "%Error"))]
    if complaints:
        raise SimulationError(f"the simulator complained: {complaints[0]}")
    if not results.is_file():
        raise SimulationError(f"the simulation ended early ({stopped}): {_last_lines(log)}")
    return results


def _last_lines(log: Path, count: int = 12) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.is_file() else []
    complaints = [line for line in lines if line.startswith(("%Warning", "%Error"))]
    return "\n".join(complaints[:count] or lines[-count:] or ["no output"])
