"""Wall times of several actions side by side, and the machine they were taken on."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from threadpoolctl import threadpool_info


@dataclass(frozen=True)
class Times:
    """Milliseconds: best and median wall time, and the least processor time of all threads together.

    Processor time is what the work costs when other programs take the cores away; waiting in a spinning thread counts as well.
    """

    best: float
    median: float
    processor: float


def interleaved(actions: Mapping[str, Callable[[], object]], runs: int) -> dict[str, Times]:
    """Time every action ``runs`` times, in turns, so that what else the machine does meets all of them alike.

    Each runs once before, which does not count.
    """
    for action in actions.values():
        action()
    wall: dict[str, list[float]] = {name: [] for name in actions}
    processor: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(runs):
        for name, action in actions.items():
            started = time.perf_counter(), time.process_time()
            action()
            wall[name].append(1000 * (time.perf_counter() - started[0]))
            processor[name].append(1000 * (time.process_time() - started[1]))
    return {name: Times(min(wall[name]), statistics.median(wall[name]), min(processor[name])) for name in actions}


def machine(*packages: str) -> str:
    """Processor, threads of the libraries, load and versions, in three lines."""
    pools = ", ".join(f"{pool['internal_api']} {pool['num_threads']}" for pool in threadpool_info())
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    load = os.getloadavg()[0]
    return (
        f"{processor()}, {os.cpu_count()} cores, load {load:.1f} before the runs; {time.strftime('%Y-%m-%d %H:%M %Z')}\n"
        f"threads: {pools}\n"
        f"Python {platform.python_version()}, {versions}"
    )


def processor() -> str:
    """The name of the processor."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text().splitlines() if listing.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
