"""The hls step: project, C simulation of the whole test set, checks of synthesisability, synthesis where possible."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hls.chain import chains_of
from hls.check import Check, audited_frames, check_project
from hls.parallelism import resolve_parallelism
from hls.project import HlsProject, Target, write_project, write_test_vectors
from hls.simulate import CompiledProject, compare_with_golden, compile_project
from hls.vendor import synthesis, vendor_tool
from model.base.files import write_json
from model.base.progress import progress
from model.base.tools import find_tool
from model.config.schema import Configuration
from model.data import load_dataset
from model.golden import load_golden
from model.golden.storage import wanted_frames
from model.integer_network import load_network

PROJECT_FOLDER = "project"
RESULT_FILE = "hls.json"


def run_hls(config: Configuration, data: Path, fold: Path, golden: Path, out: Path) -> None:
    """Write the hls4ml project into ``out/project``, run and check it, and write ``out/hls.json``.

    Args:
        config: the configuration; ``hls`` holds parallelism, part and clock.
        data: folder of the data step, for the test images and labels.
        fold: folder of the fold step, for the integer network.
        golden: folder of the golden step, for the golden spikes and scores.
        out: an empty folder.

    Raises:
        UserError: no g++, or a parallelism that does not fit the network.
    """
    network = load_network(fold / "network.safetensors")
    test = load_dataset(data / "dataset.npz").test
    wanted = wanted_frames(config.hls.frames, len(test.images))
    images, expected = test.images[:wanted], load_golden(golden / "golden.npz").select(slice(0, wanted))
    lanes = resolve_parallelism(config.hls.parallelism, network)
    target = Target(config.hls.part, config.hls.clock_ns)
    frames = audited_frames(network)
    audited = images[:frames], expected.scores[:frames]
    seconds: dict[str, float] = {}
    with _timed(seconds, "write"):
        project = write_project(chains_of([network], [lanes]), target, out / PROJECT_FOLDER)
        write_test_vectors(project, *audited)
    with _timed(seconds, "compile_and_check"), progress(None, "compiling the HLS project", "steps"):
        library, checks = _compile_and_check(project, *audited)
    with _timed(seconds, "simulate"), progress(len(images), "HLS C simulation", "frames") as shown:
        result = CompiledProject(project, library).run([images], shown.advance)[0]
    with _timed(seconds, "compare"):
        comparison = compare_with_golden(network, expected, result)
    with _timed(seconds, "synthesis"):
        figures = _synthesis(project, ready=all(check.passed for check in checks.values()))
    write_json(
        out / RESULT_FILE,
        {
            "accuracy": float((result.classes == test.labels[:wanted]).mean()),
            "comparison": comparison.as_dict(),
            "checks": {name: check.as_dict() for name, check in checks.items()},
            "synthesis": figures,
            "parallelism": lanes,
            "seconds": seconds,
            "versions": {"hls4ml": importlib.metadata.version("hls4ml"), "g++": find_tool("g++").version},
        },
    )


def _compile_and_check(
    project: HlsProject, images: npt.NDArray[np.uint8], scores: npt.NDArray[np.int32]
) -> tuple[Path, dict[str, Check]]:
    """Both at once, since the audit compiles the same sources for itself."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        pending = pool.submit(check_project, project, images, scores)
        library = compile_project(project)
        return library, pending.result()


def _synthesis(project: HlsProject, ready: bool) -> dict[str, object]:
    tool = vendor_tool()
    if tool is None or not ready:
        return synthesis(project, ready, tool)
    with progress(None, f"synthesis with {tool.name}", "steps"):
        return synthesis(project, ready, tool)


@contextmanager
def _timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    seconds[part] = round(time.monotonic() - started, 3)
