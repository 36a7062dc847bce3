"""The sim step: the generated core against golden, frame by frame, on the whole test set."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model.base.files import write_json
from model.config.schema import Configuration
from model.data import load_dataset
from model.golden import load_golden
from model.golden.storage import wanted_frames
from model.integer_network import load_network
from rtl.engine_counts import predict_weight_counts
from sim.checks import Group, verdict
from sim.core import read_core
from sim.junit import write_results
from sim.plan import SPACED, STREAMING, standard_runs
from sim.prediction import predicted_cycles
from sim.records import COUNTER_FIELDS
from sim.replay import WAVES_FILE, find_failure, repeat, save_failure
from sim.runner import SimulationError, verilator
from sim.simulation import Inputs, Outcome, simulate_core

RESULT_FILE = "sim.json"
JUNIT_FILE = "results.xml"
LATENCY_FILE = "latency.npy"
LOG_FOLDER = "logs"
PROTOCOL_FRAMES = 6


def run_sim(config: Configuration, data: Path, convert: Path, golden: Path, rtl: Path, out: Path) -> None:
    """Write ``sim.json``, ``latency.npy`` (cycles of every frame) and ``results.xml``.

    After a failure also what repeats it, and the waveform of the failing frame.

    Args:
        config: ``simulation`` holds the seed, the share of gaps and stalls, and how many of the test images are simulated.
        data: folder of the data step, for the test images and labels.
        convert: folder of the convert step, for the integer network.
        golden: folder of the golden step.
        rtl: folder of the rtl step.
        out: an empty folder.

    Raises:
        UserError: a missing tool, or a missing or damaged input.
    """
    test = load_dataset(data / "dataset.npz").test
    seed, percent = config.simulation.seed, config.simulation.gap_percent
    images = test.images[: wanted_frames(config.simulation.frames, len(test.images))]
    inputs = Inputs(convert / "network.safetensors", golden / "golden.npz", rtl, images)
    work = out / "work"
    outcome = simulate_core(inputs, standard_runs(percent), seed=seed, work=work, protocol_frames=PROTOCOL_FRAMES)
    write_results(outcome.checks, out / JUNIT_FILE)
    np.save(out / LATENCY_FILE, np.array(_all(outcome.runs.get(SPACED, []), "latency"), dtype=np.int64))
    summary = summarise(outcome, np.asarray(test.labels[: len(images)]))
    summary |= {"frames": len(images), "seed": seed, "gap_percent": percent, "verilator": verilator().version}
    network, expected = load_network(inputs.network), load_golden(inputs.golden).select(slice(0, len(images)))
    core = read_core(inputs.core, network)
    summary["weight_counts"] = predict_weight_counts(network, expected, core.plan)
    summary["predicted"] = predicted_cycles(expected, core, outcome)
    write_json(out / RESULT_FILE, summary)
    if outcome.failed:
        _keep_failure(outcome, seed, out)
    shutil.rmtree(work)


def summarise(outcome: Outcome, labels: np.ndarray) -> dict[str, Any]:
    """Verdicts, accuracy, cycles and counts of a simulation, for JSON."""
    streaming = outcome.runs.get(STREAMING, [])
    classes = np.array(_all(streaming, "classes"), dtype=np.int64)
    known = min(len(classes), len(labels))
    return {
        "accuracy": float((classes[:known] == labels[:known]).sum() / max(len(labels), 1)),
        str(Group.VALUES): verdict(outcome.checks, Group.VALUES).as_dict(),
        str(Group.COUNTERS): verdict(outcome.checks, Group.COUNTERS).as_dict(),
        "latency_cycles": _spread(_all(outcome.runs.get(SPACED, []), "latency")),
        "interval_cycles": _spread(_all(streaming, "interval")),
        "layer_cycles": _layer_cycles(outcome),
        "engine_counts": _engine_counts(streaming),
        "checks": [{"name": check.name, "passed": check.passed, "detail": check.detail} for check in outcome.checks],
    }


def _all(outcomes: Iterable[dict[str, Any]], field: str) -> list[int]:
    return [value for outcome in outcomes for value in outcome[field]]


def _spread(cycles: Sequence[int]) -> dict[str, float] | None:
    """Least, median and most; None where nothing was measured."""
    if not cycles:
        return None
    return {"min": int(np.min(cycles)), "median": float(np.median(cycles)), "max": int(np.max(cycles))}


def _layer_cycles(outcome: Outcome) -> dict[str, dict[str, int]]:
    """Of every layer: frames beyond the bound, and the least number of cycles that were left below it."""
    slack: dict[str, list[int]] = {}
    for process in (process for processes in outcome.runs.values() for process in processes):
        for layer, values in process["slack"].items():
            slack.setdefault(layer, []).extend(values)
    return {
        layer: {"bound_violations": int((np.array(values) < 0).sum()), "worst_slack": min(values)}
        for layer, values in slack.items()
        if values
    }


def _engine_counts(processes: Sequence[dict[str, Any]]) -> dict[str, dict[str, int]]:
    totals: dict[str, Any] = {}
    for process in processes:
        for layer, counts in process["counts"].items():
            totals[layer] = totals.get(layer, 0) + np.array(counts)
    return {layer: dict(zip(COUNTER_FIELDS, counts.tolist(), strict=True)) for layer, counts in totals.items()}


def keep_logs(out: Path) -> None:
    """Copy the logs of all processes in ``out/work`` to ``out/logs``."""
    for log in sorted((out / "work").glob("*/*.log")):
        (out / LOG_FOLDER).mkdir(exist_ok=True)
        shutil.copyfile(log, out / LOG_FOLDER / f"{log.parent.name}-{log.name}")


def _keep_failure(outcome: Outcome, seed: int, out: Path) -> None:
    """Keep the logs and what repeats the first failure, repeat it with a waveform, and say how a person does the same."""
    keep_logs(out)
    failure = find_failure(outcome.checks, outcome.jobs, seed)
    if failure is None:
        return
    save_failure(failure, out)
    try:
        repeat(failure, out)
    except SimulationError as error:
        print(f"  no waveform: {error}", file=sys.stderr)
    shutil.rmtree(out / "repeat", ignore_errors=True)
    # A build keeps the folder of a failed step under this name.
    kept = Path(os.path.relpath(out))
    if out.suffix == ".partial":
        kept = kept.with_name(f"{out.name.partition('.')[0]}.failed")
    if (out / WAVES_FILE).is_file():
        print(f"  waveform of image {failure.job.last_image}: {kept / WAVES_FILE}")
    print(f"  repeat it with: python -m sim.replay {kept}", flush=True)
