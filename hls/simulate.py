"""C simulation: compile a project with g++ as hls4ml does, run whole test sets through it, collect every spike."""

from __future__ import annotations

import ctypes
import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hls.chain import Chain
from hls.map_layout import channels_first
from hls.project import TOP_FUNCTION, HlsProject
from model.base.errors import UserError
from model.base.tools import find_tool
from model.compare import Comparer, Comparison
from model.golden import GoldenResult
from model.golden.encoding import SpikeArray
from model.integer_network import Network
from model.integer_network.structure import INPUT

STAGE = "hls_vs_golden"

_FRAMES_AT_ONCE = 250
_EXACT_BITS = 53
"""Integers of this width pass through hls4ml's bridge, which speaks double precision, unchanged."""


@dataclass(frozen=True, eq=False)
class HlsResult:
    """What the compiled project did.

    Attributes:
        spikes: of the encoder (``"input"``) and every hidden layer, (time steps, frames, channels), values
            on the wire.
        scores: readout potentials, (frames, classes) int32.
    """

    spikes: dict[str, SpikeArray]
    scores: npt.NDArray[np.int32]

    @property
    def classes(self) -> npt.NDArray[np.int64]:
        """Class of every frame; ties go to the lowest index."""
        classes: npt.NDArray[np.int64] = self.scores.argmax(axis=1)
        return classes


def compare_with_golden(network: Network, golden: GoldenResult, result: HlsResult) -> Comparison:
    """Every spike of every layer at every time step, and the scores, for equality."""
    comparer = Comparer(STAGE)
    comparer.add(INPUT, golden.input_spikes, result.spikes[INPUT])
    for layer in network.hidden:
        comparer.add(layer.name, golden.layers[layer.name].spikes, result.spikes[layer.name])
    comparer.add(network.readout.name, golden.scores, result.scores)
    return comparer.result()


def compile_project(project: HlsProject, quick: bool = False) -> Path:
    """Compile a written project with its own script and return the library.

    Args:
        project: the project.
        quick: compile sooner what then runs slower, for a few frames of small networks.

    Raises:
        UserError: no g++, or it refused the project.
    """
    compiler = find_tool("g++")
    with tempfile.TemporaryDirectory() as folder:
        # hls4ml's script calls `g++ -O3`, whatever the chosen compiler is called; of several levels the last one holds.
        caller = Path(folder, "g++")
        caller.write_text(f'#!/bin/sh\nexec {shlex.quote(compiler.command[0])} "$@"{" -O0" if quick else ""}\n', encoding="utf-8")
        caller.chmod(0o700)
        environment = compiler.full_environment
        environment["PATH"] = os.pathsep.join([folder, environment.get("PATH", os.defpath)])
        with project.log.open("ab") as log:
            finished = subprocess.run(
                ["./build_lib.sh"], cwd=project.folder, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False
            )
    if finished.returncode != 0:
        raise UserError(
            f"{project.folder}: g++ {compiler.version} could not compile the HLS project; its messages are in {project.log}"
        )
    stamp = project.graph.config.get_config_value("Stamp")
    return project.firmware / f"{TOP_FUNCTION}-{stamp}.so"


class _TraceData(ctypes.Structure):
    """One traced layer, as hls4ml's bridge lays it out."""

    _fields_ = [("name", ctypes.c_char_p), ("data", ctypes.c_void_p)]


class CompiledProject:
    """A loaded library: hls4ml's bridge to the top function, with every layer traced."""

    def __init__(self, project: HlsProject, library: Path) -> None:
        self._project = project
        self._refuse_inexact_scores()
        self._refuse_missing_memories()
        self._library = ctypes.CDLL(str(library.resolve()))
        self._top = getattr(self._library, f"{TOP_FUNCTION}_double")
        self._top.restype = None
        self._library.allocate_trace_storage.argtypes = [ctypes.c_size_t]

    def run(self, pixels: Sequence[npt.NDArray[np.uint8]], advance: Callable[[int], None] | None = None) -> list[HlsResult]:
        """Run every frame through every network.

        Args:
            pixels: (frames, …) of 0..255 for every network of the project, all with the same number of frames.
            advance: told how many frames were finished.
        """
        frames = len(pixels[0])
        if any(len(images) != frames for images in pixels):
            raise ValueError(f"frames differ between networks: {[len(images) for images in pixels]}")
        self._library.allocate_trace_storage(ctypes.sizeof(ctypes.c_double))
        try:
            traced = self._traced_arrays()
            collected = {name: np.empty((frames, len(view)), dtype=np.int8) for name, view in traced.items()}
            scores = [np.empty((frames, chain.network.readout.neuron.neurons)) for chain in self._project.chains]
            for start in range(0, frames, _FRAMES_AT_ONCE):
                stop = min(start + _FRAMES_AT_ONCE, frames)
                self._run_chunk(pixels, scores, range(start, stop), traced, collected)
                if advance is not None:
                    advance(stop - start)
        finally:
            self._library.free_trace_storage()
        return [_result(chain, collected, score) for chain, score in zip(self._project.chains, scores, strict=True)]

    def _run_chunk(
        self,
        pixels: Sequence[npt.NDArray[np.uint8]],
        scores: list[npt.NDArray[np.float64]],
        frames: range,
        traced: dict[str, npt.NDArray[np.float64]],
        collected: dict[str, SpikeArray],
    ) -> None:
        images = [
            chain.inputs(of_all[frames.start : frames.stop]) for chain, of_all in zip(self._project.chains, pixels, strict=True)
        ]
        inputs = [np.ascontiguousarray(of_chain, dtype=np.float64) for of_chain in images]
        outputs = [score[frames.start : frames.stop] for score in scores]
        rows = [(array.ctypes.data, array.strides[0]) for array in (*inputs, *outputs)]
        pairs = [(collected[name], view) for name, view in traced.items()]
        for offset, frame in enumerate(frames):
            self._top(*(ctypes.c_void_p(first + offset * stride) for first, stride in rows))
            for store, view in pairs:
                store[frame] = view

    def _traced_arrays(self) -> dict[str, npt.NDArray[np.float64]]:
        """Where the bridge leaves the spikes of a frame, by node."""
        nodes = {chain.node(source) for chain in self._project.chains for source in chain.sources}
        entries = (_TraceData * len(nodes))()
        self._library.collect_trace_output(entries)
        found = {str(entry.name, "utf-8"): entry.data for entry in entries}
        readouts = {chain.node(chain.network.readout.name) for chain in self._project.chains}
        return {name: self._view(name, found[name]) for name in sorted(nodes - readouts)}

    def _view(self, node: str, address: int) -> npt.NDArray[np.float64]:
        size = self._project.graph.graph[node].get_output_variable().size()
        pointer = ctypes.cast(address, ctypes.POINTER(ctypes.c_double))
        view: npt.NDArray[Any] = np.ctypeslib.as_array(pointer, shape=(size,))
        return view

    def _refuse_inexact_scores(self) -> None:
        for chain in self._project.chains:
            readout = chain.network.readout
            if readout.neuron.potential_bits > _EXACT_BITS:
                raise UserError(
                    f"integer network, layer {readout.name}: potential_bits is {readout.neuron.potential_bits};"
                    f" the C simulation hands over at most {_EXACT_BITS} bits exactly"
                )

    def _refuse_missing_memories(self) -> None:
        """The library would end the whole program on a missing file."""
        for memory in self._project.graph.get_weight_variables():
            path = self._project.firmware / "weights" / f"{memory.name}.txt"
            if not path.is_file():
                raise UserError(f"{path}: no such memory of the HLS project; run the hls step again")


def _result(chain: Chain, collected: dict[str, SpikeArray], scores: npt.NDArray[np.float64]) -> HlsResult:
    network = chain.network
    spikes = {}
    for source in chain.sources[:-1]:
        flat = collected[chain.node(source)]
        by_step = flat.reshape(len(flat), network.source_steps(source), -1).transpose(1, 0, 2)
        spikes[source] = channels_first(by_step, network.source_map(source))
    return HlsResult(spikes, scores.astype(np.int32))
