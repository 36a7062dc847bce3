"""``python -m sim.replay FOLDER``: repeat the failure that a simulation left behind, and write the waveform of its frame.

The run is repeated exactly: the same process, the runs before it, the same seeds; it ends with the frame that failed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from model.base.errors import UserError
from model.base.files import read_json, write_json
from model.base.progress import progress
from model.integer_network import load_network
from sim.checks import Check, load_check
from sim.core import read_core
from sim.plan import Job, job_from_dict, load_job
from sim.runner import SimulationError, compile_bench
from sim.simulation import JOB_FILE, PIXELS_FILE, prepare_folder, run_job

FAILURE_FILE = "failure.json"
WAVES_FILE = "waves.vcd"


@dataclass(frozen=True)
class Failure:
    """What is needed to repeat a failure: the job of its process up to the failing run and image, and its simulator seed."""

    check: str
    detail: str
    job: Job
    simulator_seed: int


def find_failure(checks: Sequence[Check], jobs: Sequence[Path], seed: int) -> Failure | None:
    """The first failed check that names a run and an image, as something to repeat; None where there is none."""
    for check in checks:
        if check.passed or not check.run or check.image is None:
            continue
        for index, path in enumerate(jobs):
            job = load_job(path)
            if job.first <= check.image < job.first + job.count:
                number = [run.name for run in job.runs].index(check.run)
                shortened = replace(job, runs=job.runs[: number + 1], last_image=check.image)
                return Failure(check.name, check.detail, shortened, seed + index)
    return None


def save_failure(failure: Failure, folder: Path) -> None:
    """Write ``failure.json`` and the pixels beside it, so that the folder may be moved."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PIXELS_FILE).write_bytes(failure.job.pixels.read_bytes())
    write_json(
        folder / FAILURE_FILE,
        {
            "check": failure.check,
            "detail": failure.detail,
            "simulator_seed": failure.simulator_seed,
            "job": replace(failure.job, pixels=Path(PIXELS_FILE)).as_dict(),
        },
    )


def load_failure(folder: Path) -> Failure:
    """Read what ``save_failure`` wrote.

    Raises:
        UserError: there is no failure in this folder, or its network, golden result or core is gone.
    """
    path = folder / FAILURE_FILE
    if not path.is_file():
        raise UserError(f"{path}: no such file; give the folder of a failed simulation, such as build/digits/sim.failed")
    values = read_json(path)
    job = replace(job_from_dict(values["job"]), pixels=(folder / PIXELS_FILE).resolve())
    for needed in (job.network, job.golden, job.core, job.pixels):
        if not needed.exists():
            raise UserError(f"{needed}: missing, so {path} cannot be repeated; run the simulation again")
    return Failure(values["check"], values["detail"], job, values["simulator_seed"])


def repeat(failure: Failure, folder: Path) -> list[Check]:
    """Simulate again with a waveform, which becomes ``folder/waves.vcd``; returns the failed checks of the last run.

    Raises:
        SimulationError: the bench does not compile, or the simulator stopped.
    """
    core = read_core(failure.job.core, load_network(failure.job.network))
    work = folder / "repeat"
    prepare_folder(work, core)
    with progress(None, "compiling the simulation with waveforms", "steps"):
        compile_bench(core, work / "compile", waves=True)
    failure.job.save(work / JOB_FILE)
    with progress(None, f"repeating the {failure.job.runs[-1].name} run", "frames"):
        stopped = run_job(work / "compile", work / JOB_FILE, failure.simulator_seed)
    outcome = work / f"outcome-{len(failure.job.runs) - 1}.json"
    if (work / WAVES_FILE).is_file():
        (work / WAVES_FILE).replace(folder / WAVES_FILE)
    if not outcome.is_file():
        raise SimulationError(stopped or f"the run left no outcome, see {work / 'simulation.log'}")
    return [check for check in map(load_check, read_json(outcome)["checks"]) if not check.passed]


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; 0 where the failure is gone, 1 where it is still there, 2 where it cannot be repeated."""
    parser = argparse.ArgumentParser(prog="python -m sim.replay", description="repeat a failed simulation with a waveform")
    parser.add_argument("folder", type=Path, help="folder with failure.json, such as build/digits/sim.failed")
    folder: Path = parser.parse_args(arguments).folder
    try:
        failure = load_failure(folder)
        print(f"was: {failure.check}: {failure.detail}")
        failed = repeat(failure, folder)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except SimulationError as error:
        print(f"now: {error}")
        return 1
    for check in failed:
        print(f"now: {check.name}: {check.detail}")
    print(f"waveform: {folder / WAVES_FILE}")
    print("FAIL" if failed else "PASS: the failure is gone")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
