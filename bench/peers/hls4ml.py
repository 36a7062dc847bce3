"""hls4ml (Apache-2.0): C simulation of the same function as a quantised feed-forward network, without spikes and without area."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.peers.case import Case, Row
from bench.peers.division import divisions
from bench.peers.function import compare
from model.base.errors import EquivalenceError
from model.base.files import read_json, replacing
from model.base.tools import find_tool
from model.compare import Comparison

PACKAGES = ("hls4ml", "qonnx")
STAGE = "hls4ml's C simulation"


def measure(case: Case) -> list[Row]:
    """The row: equality of every level and score, accuracy, processor time, frames a second; area and latency need Vitis.

    Raises:
        UserError: a package or g++ is missing, a layer cannot be written exactly, or the conversion failed.
        EquivalenceError: a value differs from the golden simulation.
        OverLimitError: it took more than it was given.
    """
    for package in PACKAGES:
        case.environment.require(package)
    compiler = find_tool("g++")
    out = case.folder("hls4ml")
    _write_divisions(case, out / "divisions.npz")
    arguments = [case.out / "function.npz", case.out / "frames.npz", out / "divisions.npz", out.resolve()]
    case.environment.run("hls4ml_csim.py", arguments, out / "hls4ml.log", case.limits, compiler.full_environment)
    figures = read_json(out / "hls4ml.json")
    verdict, accuracy = equality(case, out / "values.npz", figures["integers"])
    return [
        case.row(
            f"hls4ml {figures['versions']['hls4ml']}, C simulation",
            equality=verdict.as_dict() | {"stage": verdict.stage},
            accuracy=accuracy,
            frames_per_second=len(case.pixels) / min(figures["simulation_seconds"]),
            processor_seconds=figures["processor_seconds"],
            simulation_seconds=figures["simulation_seconds"],
            settings=figures["settings"],
            sources={"equality": "values.npz", "accuracy": "values.npz", "frames_per_second": "hls4ml.json"},
            folder=str(out),
            versions=figures["versions"] | {compiler.name: compiler.version},
            remark="quantised feed-forward network, no spikes; no area and no latency, which need Vitis",
        )
    ]


def _write_divisions(case: Case, path: Path) -> None:
    """What every hidden layer divides by, as arrays named by attribute and index."""
    arrays = {
        f"{name}{index}": np.asarray(values)
        for index, layer in enumerate(divisions(case.network, case.function))
        for name, values in vars(layer).items()
    }
    with replacing(path) as beside, beside.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)


def equality(case: Case, values: Path, integers: bool) -> tuple[Comparison, float]:
    """Levels and scores of its C simulation against golden, and the accuracy of its scores, 0 to 1.

    Args:
        case: what it was handed.
        values: npz of ``layer0``, ``layer1`` …, each (frames, neurons).
        integers: whether it gave integers before they were stored as such.

    Raises:
        EquivalenceError: one differs, or is no integer.
    """
    golden = case.golden()
    with np.load(values) as archive:
        got = {name: archive[f"layer{index}"] for index, name in enumerate(golden)}
    verdict = compare(STAGE, golden, got)
    if not verdict.equal or not integers:
        raise EquivalenceError(f"{case.name}: {verdict.first or 'hls4ml gave values that are no integers'}")
    predicted = got[case.network.readout.name].argmax(axis=1)
    return verdict, float(np.mean(predicted == case.labels()))
