"""The design compiled once more against integer types without ``*``, ``/`` and ``%``, its call graph, and its execution."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hls.project import TOP_FUNCTION, HlsProject
from model.base.tools import find_tool

AUDIT_FOLDER = Path(__file__).parent / "audit"

# As the generated script compiles it for synthesis; weights then stand in the headers.
_AS_FOR_SYNTHESIS = ("-std=c++0x", "-D__SYNTHESIS__")
# Unoptimised, so that the call graph still shows every call.
_STRICT = ("-O0", "-Wno-unknown-pragmas", "-Werror=vla", "-Werror=alloca", "-fcallgraph-info")

_NODE = re.compile(r'^node: \{ title: "([^"]*)" label: "([^"]*)"', re.MULTILINE)
_EDGE = re.compile(r'^edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)"', re.MULTILINE)
_OURS = re.compile(r"_ZNK?(?:8isospike|5audit)")
_HARMLESS = {"memset", "memcpy", "memmove", "fprintf", "exit", "_Unwind_Resume"}
"""Array initialisation, what the audit's types call on a value that does not fit, and the way on of an exception.

Unoptimised code has the last wherever a variable of a class ends; what throws an exception is a call of its own.
"""


@dataclass(frozen=True)
class Compilation:
    """One compilation for the audit: the object file, or the compiler's first error."""

    object_file: Path
    error: str

    @property
    def passed(self) -> bool:
        """True where it compiled."""
        return not self.error


def compile_audited(source: Path, folder: Path) -> Compilation:
    """Compile a C++ source against the audit's types; object file and call graph go into ``folder``."""
    object_file = folder / f"{source.stem}.o"
    error = _compile([*_AS_FOR_SYNTHESIS, *_STRICT, "-c", str(source.resolve()), "-o", object_file.name], folder)
    return Compilation(object_file, error)


def _compile(arguments: list[str], folder: Path) -> str:
    """Run g++ in a folder with the audit's types in front; its first error, or nothing."""
    tool = find_tool("g++")
    finished = subprocess.run(
        [*tool.command, f"-I{AUDIT_FOLDER.resolve()}", *arguments],
        cwd=folder,
        env={**tool.full_environment, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if finished.returncode == 0:
        return ""
    errors = [line for line in finished.stderr.splitlines() if "error:" in line or "undefined reference" in line]
    return errors[0] if errors else finished.stderr.strip() or f"g++ ended with status {finished.returncode}"


def call_faults(compilation: Compilation) -> list[str]:
    """What the top function reaches and must not: recursion, the heap, exceptions, containers."""
    text = next(compilation.object_file.parent.glob("*.ci")).read_text(encoding="utf-8", errors="replace")
    labels = {_symbol(title): label for title, label in _NODE.findall(text)}
    calls: dict[str, set[str]] = {symbol: set() for symbol in labels}
    for source, target in _EDGE.findall(text):
        calls.setdefault(_symbol(source), set()).add(_symbol(target))
    tops = [symbol for symbol in labels if symbol.startswith(f"_Z{len(TOP_FUNCTION)}{TOP_FUNCTION}")]
    if len(tops) != 1:
        return [f"{len(tops)} functions are called {TOP_FUNCTION}"]
    reached = _reached(calls, tops[0])
    faults = [
        f"calls {_shown(labels.get(symbol, symbol))}"
        for symbol in sorted(reached)
        if symbol != tops[0] and not _OURS.match(symbol) and symbol not in _HARMLESS
    ]
    try:
        TopologicalSorter({symbol: calls.get(symbol, set()) for symbol in reached}).prepare()
    except CycleError as error:
        faults.append("recursion: " + " -> ".join(_shown(labels.get(symbol, symbol)) for symbol in error.args[1]))
    return faults


def _symbol(title: str) -> str:
    """The mangled name: local functions carry their file in front, complete and base constructors are one function."""
    return re.sub(r"([CD])1E", r"\g<1>2E", title.rpartition(":")[2])


def _shown(label: str) -> str:
    return re.sub(r"\s*\[with .*|\\n.*", "", label, flags=re.DOTALL)


def _reached(calls: dict[str, set[str]], top: str) -> set[str]:
    reached: set[str] = set()
    waiting = [top]
    while waiting:
        symbol = waiting.pop()
        if symbol not in reached:
            reached.add(symbol)
            waiting.extend(calls.get(symbol, ()))
    return reached


@dataclass(frozen=True)
class Execution:
    """Scores (frames, classes) of the audited design, or why it stopped."""

    scores: npt.NDArray[np.int64]
    error: str


def execute(project: HlsProject, compilation: Compilation, pixels: npt.NDArray[np.uint8]) -> Execution:
    """Run the audited design on frames, (frames, …) of 0..255; a value that does not fit its width stops it."""
    network = project.chains[0].network
    classes = network.readout.neuron.neurons
    folder = compilation.object_file.parent
    program = folder / "audit"
    nothing = np.empty((0, classes), dtype=np.int64)
    error = _compile(
        [
            *_AS_FOR_SYNTHESIS,
            f'-DPROJECT_HEADER="{project.firmware.resolve() / TOP_FUNCTION}.h"',
            f"-DTOP_FUNCTION={TOP_FUNCTION}",
            f"-DN_PIXELS={network.encoder.neurons}",
            f"-DN_SCORES={classes}",
            str(AUDIT_FOLDER.resolve() / "run.cpp"),
            compilation.object_file.name,
            "-o",
            program.name,
        ],
        folder,
    )
    if error:
        return Execution(nothing, error)
    finished = subprocess.run([str(program)], input=project.chains[0].inputs(pixels).tobytes(), capture_output=True, check=False)
    if finished.returncode != 0:
        said = finished.stderr.decode(errors="replace").strip()
        return Execution(nothing, said or f"the audited design ended with status {finished.returncode}")
    return Execution(np.frombuffer(finished.stdout, dtype=np.int64).reshape(-1, classes), "")
