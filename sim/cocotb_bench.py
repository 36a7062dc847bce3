"""The cocotb tests: one a run of the job, each over all frames of the job; Python wakes up once a run.

The job's file is named by ISOSPIKE_SIM_JOB. Each test leaves ``outcome-<n>.json`` in the working directory, passed or not.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
import numpy.typing as npt
from cocotb.triggers import FallingEdge, RisingEdge, Timer

from model.base.files import write_json
from model.golden import load_golden
from model.integer_network import Network, load_network
from rtl.core_plan import CorePlan
from sim.checks import Check, Group
from sim.compare_run import Measurements, RunComparison
from sim.core import read_core
from sim.expectation import Expectation, expect, select
from sim.frames import Sequence, draw_sequence, up_to_image, write_frames
from sim.plan import JOB_VARIABLE, Job, Run, load_job
from sim.records import RecordError, read_packets

_CONTROLS = (
    "run", "hold_reset", "outside", "outside_clk", "spaced", "gap", "stall", "settle", "seed", "idle_limit", "dump_from",
    "s_axis_tdata", "s_axis_tvalid", "s_axis_tlast", "m_axis_tready",
)  # fmt: skip
_NEVER = 0xFFFF_FFFF


@cache
def _job() -> Job:
    return load_job(Path(os.environ[JOB_VARIABLE]))


@cache
def _network() -> Network:
    return load_network(_job().network)


@cache
def _plan() -> CorePlan:
    return read_core(_job().core, _network()).plan


@cache
def _expectation() -> Expectation:
    job = _job()
    golden = select(load_golden(job.golden), slice(job.first, job.first + job.count))
    return expect(_network(), golden, _plan())


@cache
def _pixels() -> npt.NDArray[np.uint8]:
    job = _job()
    pixels: npt.NDArray[np.uint8] = np.load(job.pixels)[job.first : job.first + job.count]
    return pixels


@cocotb.test()
@cocotb.parametrize(number=range(len(_job().runs)))
async def every_frame_equals_golden(dut: Any, number: int) -> None:
    """Play one run and compare everything that left the core, or a layer of it."""
    job, run = _job(), _job().runs[number]
    sequence = draw_sequence(_pixels(), run, job.seed + number, _plan().beat_pixels)
    is_last = number == len(job.runs) - 1
    if job.last_image is not None and is_last:
        sequence = up_to_image(sequence, job.last_image - job.first)
    write_frames(sequence, Path("frames.bin"))
    await _play(dut, job, run, number, dump_from=max(len(sequence.images) - 2, 0) if is_last else _NEVER)
    checks, measurements = _compare(job, run, sequence, stuck=bool(int(dut.stuck.value)))
    write_json(Path(f"outcome-{number}.json"), {"run": run.name, "checks": checks_as_dicts(checks), **_plain(measurements)})
    failed = [check for check in checks if not check.passed]
    assert not failed, f"{failed[0].name}: {failed[0].detail}"


async def _play(dut: Any, job: Job, run: Run, number: int, dump_from: int) -> None:
    """Start a run and sleep until the bench says that it is over."""
    for name in _CONTROLS:
        getattr(dut, name).value = 0
    settings = {"spaced": int(run.spaced), "gap": run.gap, "stall": run.stall}
    # A frame that is alone finds the core idle, the first one as well; the other runs begin right after the reset.
    settings["settle"] = _plan().clearing_cycles if run.spaced else 0
    settings |= {"idle_limit": job.idle_limit, "dump_from": dump_from}
    for name, value in settings.items():
        getattr(dut, name).value = value
    # Every process and every run draws its own gaps.
    dut.seed.value = (job.seed * 1_000_003 + job.first * 101 + number) % (1 << 32)
    # Some edges, for the writes to arrive.
    await Timer(20, unit="ns")
    dut.run.value = 1
    await RisingEdge(dut.done)
    dut.run.value = 0
    await FallingEdge(dut.done)


def _compare(job: Job, run: Run, sequence: Sequence, stuck: bool) -> tuple[list[Check], Measurements | None]:
    """All checks of the run; without records, or with a core that is stuck, at least the check that says so."""
    expectation = _expectation()
    frames = len(sequence.images)
    try:
        packets = len(read_packets(Path("results.bin"), 1).lengths)
        comparison = RunComparison(Path.cwd(), run, sequence, expectation, job.first, job.netlist)
        checks, measurements = comparison.checks(), comparison.measurements()
    except RecordError as error:
        name = f"{run.name}: every frame is answered"
        return [Check(name, Group.CONDUCT, "", 0, 0, 0, remark=str(error), image=job.first, run=run.name)], None
    remark = ""
    if stuck:
        remark = f"the core is stuck: {packets} of {frames} packets, then nothing moved for {job.idle_limit} cycles"
    missing = max(frames - packets, int(stuck))
    image = int(sequence.images[: packets + 1].max(initial=0)) + job.first
    name = f"{run.name}: every frame is answered"
    answered = Check(name, Group.CONDUCT, "", frames, frames, missing, remark=remark, image=image, run=run.name)
    return [answered, *checks], measurements


def checks_as_dicts(checks: list[Check]) -> list[dict[str, Any]]:
    """Plain values for JSON."""
    return [check.as_dict() for check in checks]


def _plain(measurements: Measurements | None) -> dict[str, Any]:
    if measurements is None:
        return {"classes": [], "spikes": {}, "latency": [], "interval": [], "slack": {}, "counts": {}}
    return {
        "classes": measurements.classes.tolist(),
        "spikes": measurements.spikes,
        "latency": measurements.latency.tolist(),
        "interval": measurements.interval.tolist(),
        "slack": {layer: slack.tolist() for layer, slack in measurements.slack.items()},
        "counts": {layer: counts.tolist() for layer, counts in measurements.counts.items()},
    }
