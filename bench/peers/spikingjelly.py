"""SpikingJelly: how fast it simulates, as bench/golden_against_spikingjelly.py measures it, in the peers' environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from bench.golden_against_spikingjelly import BY_HAND, PRODUCT
from bench.peers.case import Case, Row
from bench.peers.environment import run_limited
from model.base.files import read_json

PACKAGES = ("spikingjelly", "torch", "safetensors")
RUNS = 7
TIME_STEPS = (8, 32)
_MEASUREMENT = "bench.golden_against_spikingjelly"


def measure(case: Case) -> list[Row]:
    """One row a simulation and T.

    Raises:
        UserError: a package is missing.
        OverLimitError: it took more than it was given.
    """
    versions = {package: case.environment.require(package) for package in PACKAGES}
    out = case.folder("spikingjelly")
    file, log = out / "times.json", out / "times.log"
    steps = [option for number in TIME_STEPS for option in ("--time-steps", str(number))]
    command = [
        str(case.environment.python),
        "-m",
        _MEASUREMENT,
        str(case.build),
        "--runs",
        str(RUNS),
        *steps,
        "--json",
        str(file),
    ]
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(Path.cwd())}
    run_limited(command, log, case.limits, os.environ | one_thread)
    measured = read_json(file)
    return [
        _row(case, name, time_steps, figures, versions, str(out))
        for time_steps, figures in measured.items()
        for name in figures["times"]
        if name not in (PRODUCT, BY_HAND)
    ]


def _row(case: Case, name: str, time_steps: str, figures: dict[str, Any], versions: dict[str, str], folder: str) -> Row:
    times = figures["times"][name]
    peer = name in figures["differences"]
    equality = {
        "stage": "spike counts and scores against our causal network",
        "values": figures["values"],
        "mismatches": figures["differences"].get(name),
    }
    return case.row(
        f"{name}, T = {time_steps}",
        **({"equality": equality} if peer else {}),
        run_ms=times,
        frames_per_second=1000 * len(case.pixels) / times["processor"],
        settings={"runs": RUNS, "threads": 1},
        sources=dict.fromkeys(("run_ms", "frames_per_second", "equality"), "times.json"),
        folder=folder,
        versions=versions,
        remark="simulation of the whole test set on one thread, best of the runs; no hardware",
    )
