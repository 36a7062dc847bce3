"""One core, simulated: compile the bench once, share the frames out over processes, join what they found."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt

from model.base.files import read_json
from model.base.progress import progress
from model.golden import load_golden
from model.integer_network import load_network
from model.integer_network.structure import INPUT
from sim.checks import Check, Group, load_check, merge_checks
from sim.core import Core, Netlist, read_core
from sim.expectation import longest_frame
from sim.plan import (
    JOB_VARIABLE,
    PROTOCOL_MODULE,
    PROTOCOL_OUTCOME,
    PROTOCOL_TESTS,
    TEST_MODULE,
    Job,
    Run,
    shares,
)
from sim.runner import SimulationError, compile_bench, lint, run_bench

JOB_FILE = "job.json"
PIXELS_FILE = "pixels.npy"
COMPILES = "the bench compiles"
ENDS = "the simulation comes to its end"
ACTIVITY = "every link carries spikes"
_POLL_SECONDS = 0.25
_RECORD_BYTES = 16
_IDLE_CYCLES = 10_000


@dataclass(frozen=True)
class Inputs:
    """What is simulated: files of the network and its golden result, the folder of its core, and (images, …) uint8 pixels."""

    network: Path
    golden: Path
    core: Path
    pixels: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Outcome:
    """What all processes found.

    Attributes:
        checks: joined over the processes, in the order of the runs.
        runs: by name of a run, the outcome file of every process.
        jobs: job file of each process, which repeats it.
    """

    checks: list[Check]
    runs: dict[str, list[dict[str, Any]]]
    jobs: tuple[Path, ...]

    @property
    def failed(self) -> list[Check]:
        """Checks that did not pass."""
        return [check for check in self.checks if not check.passed]


def simulate_core(
    inputs: Inputs,
    runs: tuple[Run, ...],
    *,
    seed: int,
    work: Path,
    processes: int | None = None,
    compiled: Path | None = None,
    protocol_frames: int = 0,
    layers_may_be_silent: bool = False,
    quick: bool = False,
    netlist: Netlist | None = None,
) -> Outcome:
    """Compile and run; whatever goes wrong in the simulator is a failed check, not an exception.

    Args:
        inputs: what is simulated.
        runs: passes over the frames.
        seed: of everything random.
        work: folder for the compiled bench and the records.
        processes: at most this many at a time; None is one a processor core.
        compiled: folder of a bench that is compiled already; neither it nor the core is looked at again.
        protocol_frames: images for the protocol tests; 0 leaves these out.
        layers_may_be_silent: for untrained networks; the input must have spikes in any case.
        quick: compile sooner what then runs slower, for a few frames.
        netlist: simulated in place of the core; only results are seen.

    Raises:
        UserError: a missing tool or file.
    """
    network = load_network(inputs.network)
    core = read_core(inputs.core, network)
    work.mkdir(parents=True, exist_ok=True)
    built = [] if compiled is not None else _build(core, work / "compile", quick, netlist)
    if any(not check.passed for check in built if check.name == COMPILES):
        return Outcome(built, {}, ())
    if not len(inputs.pixels):
        return Outcome([*built, _broken(ENDS, "there are no frames, so nothing is proved")], {}, ())
    bench = compiled or work / "compile"
    np.save(work / PIXELS_FILE, inputs.pixels)
    idle = idle_limit(core)
    if netlist is not None:
        # Nothing is seen to move from the last pixel to the first score.
        idle += longest_frame(load_golden(inputs.golden), core.plan)
    whole = Job(
        network=inputs.network.resolve(), golden=inputs.golden.resolve(), pixels=(work / PIXELS_FILE).resolve(),
        core=core.folder, first=0, count=len(inputs.pixels), seed=seed, idle_limit=idle, runs=runs,
        netlist=netlist is not None,
    )  # fmt: skip
    parts = shares(whole.count, processes or usable_cores())
    jobs = [
        _save_job(replace(whole, first=first, count=count), work / f"process{index}", core)
        for index, (first, count) in enumerate(parts)
    ]
    failures = _run_all(bench, jobs, seed, core.plan.classes)
    outcome = _join(jobs, runs, failures)
    activity = [] if netlist is not None else [_activity(outcome, layers_may_be_silent)]
    checks = [*built, *outcome.checks, *activity]
    if protocol_frames:
        protocol = _save_job(replace(whole, count=min(protocol_frames, whole.count)), work / "protocol", core)
        checks += _protocol_checks(bench, protocol, seed)
    return replace(outcome, checks=checks)


def _build(core: Core, folder: Path, quick: bool, netlist: Netlist | None) -> list[Check]:
    """Lint and compile: Verilator's warnings, not of a netlist, and whether there is a bench to run."""
    checks = [] if netlist is not None else [_lint(core)]
    failure = ""
    try:
        with progress(None, "compiling the simulation", "steps"):
            compile_bench(core, folder, quick=quick, netlist=netlist)
    except SimulationError as error:
        failure = str(error)
    return [*checks, Check(COMPILES, Group.CONDUCT, "", 0, 1, int(bool(failure)), remark=failure)]


def _save_job(job: Job, folder: Path, core: Core) -> Path:
    prepare_folder(folder, core)
    job.save(folder / JOB_FILE)
    return folder / JOB_FILE


def _protocol_checks(compiled: Path, job: Path, seed: int) -> list[Check]:
    """The tests with the ready-made drivers."""
    with progress(None, "protocol tests", "tests"):
        failure = run_job(compiled, job, seed, PROTOCOL_MODULE)
    path = job.parent / PROTOCOL_OUTCOME
    checks = [load_check(values) for values in read_json(path)["checks"]] if path.is_file() else []
    if failure or len(checks) != PROTOCOL_TESTS:
        said = failure or f"{len(checks)} of {PROTOCOL_TESTS} tests left an outcome, see {job.parent / 'simulation.log'}"
        checks.append(_broken("protocol: the simulation comes to its end", said))
    return checks


def usable_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def idle_limit(core: Core) -> int:
    """Cycles after which a core in which nothing moves is stuck: more than all its passes without an event, stalls included."""
    passes = sum((2 * layer.time_steps + layer.source_steps + 4) * layer.groups + layer.lanes for layer in core.plan.layers)
    passes += sum(layer.map.scan_cycles + layer.map.banks.depth for layer in core.plan.layers if layer.map is not None)
    return _IDLE_CYCLES + 16 * passes


def prepare_folder(folder: Path, core: Core) -> None:
    """Make the working directory of a simulation process; the core names its memory files relative to it."""
    folder.mkdir(parents=True, exist_ok=True)
    memory = folder / "memory"
    if not memory.is_symlink():
        memory.symlink_to(core.folder / "memory", target_is_directory=True)


def run_job(compiled: Path, job: Path, seed: int, test_module: str = TEST_MODULE) -> str:
    """Run one process; returns what went wrong in the simulator, or ""."""
    try:
        run_bench(compiled, job.parent, test_module, {JOB_VARIABLE: str(job.resolve())}, seed)
    except SimulationError as error:
        return str(error)
    return ""


def _run_all(compiled: Path, jobs: list[Path], seed: int, classes: int) -> list[str]:
    """Run all processes at once, with progress read off the growing result records."""
    finished = threading.Event()
    watcher = threading.Thread(target=_watch, args=(jobs, classes, finished), daemon=True)
    watcher.start()
    try:
        work = (joblib.delayed(run_job)(compiled, job, seed + index) for index, job in enumerate(jobs))
        return list(joblib.Parallel(n_jobs=max(len(jobs), 1), backend="threading")(work))
    finally:
        finished.set()
        watcher.join()


def _watch(jobs: list[Path], classes: int, finished: threading.Event) -> None:
    counts = [(job.parent, int(read_json(job)["count"]), len(read_json(job)["runs"])) for job in jobs]
    shown = 0
    with progress(sum(count * runs for _, count, runs in counts), "simulating", "frames") as bar:
        while not finished.wait(_POLL_SECONDS):
            # The last results stay beside the outcome of their run.
            done = sum(min(_frames_done(folder, count, classes), count * runs) for folder, count, runs in counts)
            bar.advance(max(done - shown, 0))
            shown = max(done, shown)


def _frames_done(folder: Path, count: int, classes: int) -> int:
    results = folder / "results.bin"
    size = results.stat().st_size if results.exists() else 0
    whole_runs = len(list(folder.glob("outcome-*.json")))
    return whole_runs * count + min(size // (_RECORD_BYTES * (1 + classes)), count)


def _join(jobs: list[Path], runs: tuple[Run, ...], failures: list[str]) -> Outcome:
    checks: list[Check] = []
    by_run: dict[str, list[dict[str, Any]]] = {run.name: [] for run in runs}
    for job, failure in zip(jobs, failures, strict=True):
        outcomes = [read_json(path) for path in sorted(job.parent.glob("outcome-*.json"))]
        for outcome in outcomes:
            by_run[outcome["run"]].append(outcome)
        checks.extend(load_check(values) for outcome in outcomes for values in outcome["checks"])
        missing = len(runs) - len(outcomes)
        log = job.parent / "simulation.log"
        said = failure or (f"{missing} of {len(runs)} runs left no outcome, see {log}" if missing else "")
        checks.append(Check(ENDS, Group.CONDUCT, "", 0, len(runs), max(missing, int(bool(failure))), remark=said))
    return Outcome(merge_checks(checks), by_run, tuple(jobs))


def _activity(outcome: Outcome, layers_may_be_silent: bool) -> Check:
    """Spikes are rare, so that a dead bench agrees with most of them: something must have moved on every link."""
    spikes: dict[str, int] = {}
    for process in (process for processes in outcome.runs.values() for process in processes):
        for source, count in process["spikes"].items():
            spikes[source] = spikes.get(source, 0) + count
    if layers_may_be_silent:
        spikes = {source: count for source, count in spikes.items() if source == INPUT}
    silent = [source for source, count in spikes.items() if count == 0]
    remark = f"no spike came from {', '.join(silent)} in any run" if silent else "nothing was recorded"
    return Check(ACTIVITY, Group.CONDUCT, "", 0, len(spikes), len(silent), remark=remark)


def _lint(core: Core) -> Check:
    """Verilator's warnings, with and without counters."""
    found = [text for text in (lint(core, counters) for counters in (0, 1)) if text]
    return Check("lint without a warning", Group.CONDUCT, "", 0, 2, len(found), remark=" ".join(found[:1]))


def _broken(name: str, remark: str) -> Check:
    return Check(name, Group.CONDUCT, "", 0, 0, 0, remark=remark)
