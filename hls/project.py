"""From integer networks to an hls4ml project on disk."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hls.chain import Chain
from hls.layer_list import layer_list
from model.base.files import write_text

TOP_FUNCTION = "isospike_hls"
"""Name of the top function, of the project and of its main source."""

LOG_FILE = "hls4ml.log"
"""What hls4ml and g++ say, beside the project's folder."""


@dataclass(frozen=True)
class Target:
    """What a project is made for: a part's name as the vendor spells it, and a clock period."""

    part: str
    clock_ns: float


@dataclass(frozen=True, eq=False)
class HlsProject:
    """A written project: its networks, its folder, what it is made for, hls4ml's model graph."""

    chains: tuple[Chain, ...]
    folder: Path
    target: Target
    graph: Any

    @property
    def log(self) -> Path:
        """What hls4ml and g++ said."""
        return self.folder.parent / LOG_FILE

    @property
    def firmware(self) -> Path:
        """The sources that are synthesised."""
        return self.folder / "firmware"


def write_project(chains: tuple[Chain, ...], target: Target, folder: Path) -> HlsProject:
    """Build a model graph through hls4ml's extension interface and write its project.

    Several networks stand side by side in one project, each with its own input and output: one compilation serves all.

    Args:
        chains: verified integer networks and their parallelism.
        target: part and clock.
        folder: the project's folder; hls4ml's messages go into ``hls4ml.log`` beside it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with messages_in(folder.parent / LOG_FILE):
        # Loading hls4ml takes a second and prints, so it happens here.
        from hls4ml.model.graph import ModelGraph

        from hls.backend import register_spiking_layers

        register_spiking_layers()
        graph = ModelGraph.from_layer_list(
            _configuration(chains, target, folder),
            [entry for chain in chains for entry in layer_list(chain)],
            inputs=[chain.pixels for chain in chains],
            outputs=[chain.node(chain.network.readout.name) for chain in chains],
        )
        graph.write()
    return HlsProject(chains, folder, target, graph)


def write_test_vectors(project: HlsProject, pixels: npt.NDArray[np.uint8], expected_scores: npt.NDArray[np.int32]) -> None:
    """Give the project's own test bench frames and golden scores; without them it runs on five dark frames."""
    for path, text in bench_vectors(project, pixels, expected_scores).items():
        write_text(path, text)


def bench_vectors(project: HlsProject, pixels: npt.NDArray[np.uint8], expected_scores: npt.NDArray[np.int32]) -> dict[Path, str]:
    """The files of the test bench, one frame a line.

    Args:
        project: a project with one network.
        pixels: (frames, …) of 0..255.
        expected_scores: (frames, classes).
    """
    folder = project.folder / "tb_data"
    return {
        folder / "tb_input_features.dat": _lines(project.chains[0].inputs(pixels)),
        folder / "tb_output_predictions.dat": _lines(expected_scores),
    }


def _lines(rows: npt.NDArray[Any]) -> str:
    return "".join(" ".join(map(str, row)) + "\n" for row in rows.tolist())


@contextlib.contextmanager
def messages_in(log: Path) -> Iterator[None]:
    """Append what is printed or warned meanwhile to a file, so that the terminal stays readable."""
    text = io.StringIO()
    caught: list[warnings.WarningMessage] = []
    try:
        with contextlib.redirect_stdout(text), warnings.catch_warnings(record=True) as recorded:
            warnings.simplefilter("always")
            caught = recorded
            yield
    finally:
        lines = [text.getvalue(), *(f"{warning.category.__name__}: {warning.message}\n" for warning in caught)]
        with log.open("a", encoding="utf-8") as stream:
            stream.writelines(lines)


def _configuration(chains: tuple[Chain, ...], target: Target, folder: Path) -> dict[str, Any]:
    by_layer: dict[str, Any] = {}
    for chain in chains:
        by_layer[chain.pixels] = {"Precision": {"result": "ap_uint<8>"}}
        by_layer |= {chain.node(source): {"Trace": True} for source in chain.sources}
    return {
        "Backend": "Vitis",
        "ProjectName": TOP_FUNCTION,
        "OutputDir": str(folder.resolve()),
        "Part": target.part,
        "ClockPeriod": target.clock_ns,
        "ClockUncertainty": "27%",
        "IOType": "io_parallel",
        "TraceOutput": True,
        "HLSConfig": {
            # Our layers set every precision themselves; hls4ml asks for a default nevertheless.
            "Model": {"Precision": "ap_int<32>", "ReuseFactor": 1, "Strategy": "Latency", "PipelineStyle": "dataflow"},
            "LayerName": by_layer,
        },
    }
