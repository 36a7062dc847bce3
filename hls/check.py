"""Whether a project is ready for synthesis, without the vendor's tool."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hls.operator_audit import Compilation, call_faults, compile_audited, execute
from hls.project import TOP_FUNCTION, HlsProject
from hls.project_files import (
    kernel_copy_faults,
    kernel_text_faults,
    memory_faults,
    parameter_faults,
    script_faults,
    vector_faults,
)
from model.integer_network import Network
from model.integer_network.connections import connections

MOST_AUDITED_FRAMES = 100
"""Frames that the audited design is executed on, fewer of a large network: it is not optimised."""

_CONNECTIONS_AT_MOST = 1_000_000_000

_SHOWN = 3


@dataclass(frozen=True)
class Check:
    """The outcome of one check."""

    passed: bool
    detail: str

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


def audited_frames(network: Network) -> int:
    """How many frames the audited design of a network is executed on, so that it takes no more than about a minute."""
    visits = sum(
        connections(group, network.source_map(group.source)) * network.source_steps(group.source)
        for layer in network.layers
        for group in layer.synapses
    )
    return max(1, min(MOST_AUDITED_FRAMES, _CONNECTIONS_AT_MOST // max(visits, 1)))


def check_project(project: HlsProject, pixels: npt.NDArray[np.uint8], expected_scores: npt.NDArray[np.int32]) -> dict[str, Check]:
    """All checks of a project with one network.

    Args:
        project: a written project.
        pixels: the frames of the test bench, which the audited design is executed on, (frames, …) of 0..255.
        expected_scores: the golden model's scores of these frames, (frames, classes).
    """
    return {
        "kernel_copies": _verdict(kernel_copy_faults(project), "the project holds the kernels unchanged"),
        "kernel_text": _verdict(
            kernel_text_faults(project),
            "no *, / or %, no heap, exceptions or standard library, every loop has a fixed bound and its pragma",
        ),
        "parameters": _verdict(parameter_faults(project), "sizes, wire codes and parallelism are those of the network"),
        "memories": _verdict(memory_faults(project), "every word, for synthesis and for simulation, is the network's"),
        "script": _verdict(
            script_faults(project),
            f"top function {TOP_FUNCTION}, part {project.target.part}, clock {project.target.clock_ns} ns",
        ),
        "test_bench": _verdict(
            vector_faults(project, pixels, expected_scores), f"holds {len(pixels)} frames and their golden scores"
        ),
        **_audit(project, pixels, expected_scores),
    }


def _verdict(faults: list[str], praise: str) -> Check:
    if not faults:
        return Check(True, praise)
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return Check(False, "; ".join(faults[:_SHOWN]) + more)


def _audit(project: HlsProject, pixels: npt.NDArray[np.uint8], expected_scores: npt.NDArray[np.int32]) -> dict[str, Check]:
    with tempfile.TemporaryDirectory() as name:
        compilation = compile_audited(project.firmware / f"{TOP_FUNCTION}.cpp", Path(name))
        operators = _verdict(
            [compilation.error] if compilation.error else [],
            "compiles against integer types whose *, / and % are deleted, and without arrays of run-time size",
        )
        if not compilation.passed:
            not_run = Check(False, "not run, the audited design did not compile")
            return {"operators": operators, "calls": not_run, "execution": not_run}
        calls = _verdict(call_faults(compilation), "no recursion, no heap, no exception, no library call")
        return {
            "operators": operators,
            "calls": calls,
            "execution": _execution(project, compilation, pixels, expected_scores),
        }


def _execution(
    project: HlsProject,
    compilation: Compilation,
    pixels: npt.NDArray[np.uint8],
    expected_scores: npt.NDArray[np.int32],
) -> Check:
    execution = execute(project, compilation, pixels)
    if execution.error:
        return Check(False, execution.error)
    if not len(pixels) or execution.scores.shape != expected_scores.shape:
        return Check(False, f"{len(execution.scores)} frames came back; expected {len(expected_scores)}, and at least one")
    unequal = execution.scores != expected_scores
    if unequal.any():
        frame, score = (int(index) for index in np.argwhere(unequal)[0])
        expected, got = int(expected_scores[frame, score]), int(execution.scores[frame, score])
        return Check(False, f"image {frame} score {score}: expected {expected}, got {got}")
    return Check(True, f"{len(pixels)} frames equal to golden, no value left the width it is stored in")
