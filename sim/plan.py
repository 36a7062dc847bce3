"""What a simulation process has to do: which frames, in which runs, against which golden result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from model.base.files import read_json, write_json

JOB_VARIABLE = "ISOSPIKE_SIM_JOB"
"""Environment variable with the path of the job file."""
TEST_MODULE = "sim.cocotb_bench"
PROTOCOL_MODULE = "sim.cocotb_protocol"
PROTOCOL_OUTCOME = "outcome-protocol.json"
PROTOCOL_TESTS = 4

_SHARE = 1 << 16

SPACED, STREAMING, RANDOM, WRONG_LENGTH = "spaced", "streaming", "random", "wrong length"
MOST_BETWEEN_WRONG = 200
"""Right frames of the run with wrong ones; it proves conduct, the other runs have all frames."""


@dataclass(frozen=True)
class Run:
    """One pass over the frames.

    Attributes:
        name: appears in the name of every check.
        spaced: a frame waits for the packets of all frames before it.
        gap_percent: share of cycles in which the source offers no new beat.
        stall_percent: share of cycles in which the sink is not ready.
        wrong_lengths: frames that are too short or too long stand between the others.
        most_frames: no more than this many right frames; 0 is no limit.
    """

    name: str
    spaced: bool = False
    gap_percent: int = 0
    stall_percent: int = 0
    wrong_lengths: bool = False
    most_frames: int = 0

    @property
    def gap(self) -> int:
        """The share of gaps in 1/65536, as frame_source takes it."""
        return self.gap_percent * _SHARE // 100

    @property
    def stall(self) -> int:
        """The share of stalls in 1/65536, as result_sink takes it."""
        return self.stall_percent * _SHARE // 100


def standard_runs(percent: int) -> tuple[Run, ...]:
    """Latency, interval, random gaps and back-pressure, and frames of a wrong length among right ones."""
    return (
        Run(SPACED, spaced=True),
        Run(STREAMING),
        Run(RANDOM, gap_percent=percent, stall_percent=percent),
        Run(WRONG_LENGTH, gap_percent=percent, stall_percent=percent, wrong_lengths=True, most_frames=MOST_BETWEEN_WRONG),
    )


@dataclass(frozen=True)
class Job:
    """Work of one simulation process.

    Attributes:
        network: file of the integer network.
        golden: file of the golden result of all images.
        pixels: .npy file, (images, …) uint8.
        core: folder of the generated core.
        first: first image of this process.
        count: images of this process.
        seed: of gaps, back-pressure, wrong lengths and padding.
        idle_limit: cycles without any movement after which the core counts as stuck.
        runs: what to do with these images, in this order.
        last_image: stop after this one, to repeat a failure; None plays all.
        netlist: the core is a synthesised netlist, of which only the results are seen.
    """

    network: Path
    golden: Path
    pixels: Path
    core: Path
    first: int
    count: int
    seed: int
    idle_limit: int
    runs: tuple[Run, ...]
    last_image: int | None = None
    netlist: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {key: str(value) if isinstance(value, Path) else value for key, value in asdict(self).items()}

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        write_json(path, self.as_dict())


def job_from_dict(values: dict[str, Any]) -> Job:
    """Read what ``Job.as_dict`` gave."""
    paths = {key: Path(values[key]) for key in ("network", "golden", "pixels", "core")}
    return Job(**values | paths | {"runs": tuple(Run(**run) for run in values["runs"])})


def load_job(path: Path) -> Job:
    """Read what ``Job.save`` wrote."""
    return job_from_dict(read_json(path))


def shares(images: int, processes: int) -> Sequence[tuple[int, int]]:
    """(first, count) of each process: contiguous, as equal as can be, none empty."""
    processes = max(1, min(processes, images))
    edges = [images * index // processes for index in range(processes + 1)]
    return [(low, high - low) for low, high in pairwise(edges)]
