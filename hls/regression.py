"""Networks through HLS without a build: the same path as the hls step takes, for the regression and the tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from hls.chain import chains_of
from hls.parallelism import resolve_parallelism
from hls.project import Target, write_project
from hls.simulate import CompiledProject, HlsResult, compile_project
from model.integer_network import Network

ANY_TARGET = Target(part="xc7a100tcsg324-1", clock_ns=10.0)

Parallelism = Literal["auto"] | int | Sequence[int]


def hls_results(network: Network, pixels: npt.NDArray[np.uint8], folder: Path, parallelism: Parallelism = "auto") -> HlsResult:
    """Write, compile and run one network; see :func:`hls_results_of_all`."""
    return hls_results_of_all([network], [pixels], folder, [parallelism])[0]


def hls_results_of_all(
    networks: Sequence[Network],
    pixels: Sequence[npt.NDArray[np.uint8]],
    folder: Path,
    parallelism: Sequence[Parallelism] | None = None,
) -> list[HlsResult]:
    """Write, compile and run networks side by side in one project, since compiling costs seconds whatever is in it.

    Args:
        networks: verified integer networks.
        pixels: (frames, …) of 0..255 for every network, all with the same number of frames.
        folder: an empty folder; the project is written to ``project`` in it.
        parallelism: as ``hls.parallelism`` of a configuration, for every network; all ``"auto"`` by default.
    """
    choices = parallelism or ["auto"] * len(networks)
    lanes = [resolve_parallelism(choice, network) for choice, network in zip(choices, networks, strict=True)]
    project = write_project(chains_of(networks, lanes), ANY_TARGET, folder / "project")
    return CompiledProject(project, compile_project(project, quick=True)).run(pixels)
