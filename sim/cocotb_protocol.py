"""Protocol tests of the core with the ready-made AXI4-Stream drivers: some frames, many ways to send and to disturb them.

The job's file is named by ISOSPIKE_SIM_JOB; ``outcome-protocol.json`` receives one check a test.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
import numpy.typing as npt
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, SimTimeoutError, with_timeout
from cocotbext.axi import AxiStreamBus, AxiStreamSink, AxiStreamSource

from model.base.files import read_json, write_json
from model.golden import GoldenResult, load_golden
from model.integer_network import load_network
from rtl.core_plan import CorePlan
from sim.checks import Check, Group, equal_arrays
from sim.core import read_core
from sim.expectation import longest_frame, select
from sim.frames import beats_of
from sim.plan import JOB_VARIABLE, PROTOCOL_OUTCOME, Job, load_job

_CLOCK_NANOSECONDS = 10
_RESET_CYCLES = 3
_RESETS = 6

Int64 = npt.NDArray[np.int64]


@cache
def _job() -> Job:
    return load_job(Path(os.environ[JOB_VARIABLE]))


@cache
def _golden() -> GoldenResult:
    job = _job()
    return select(load_golden(job.golden), slice(job.first, job.first + job.count))


@cache
def _frames() -> list[bytes]:
    """The bytes of every frame, padded to whole beats."""
    job = _job()
    pixels = np.load(job.pixels)[job.first : job.first + job.count]
    return [words.tobytes() for words in beats_of(pixels, np.random.default_rng(job.seed), _plan().beat_pixels)]


@cache
def _plan() -> CorePlan:
    job = _job()
    return read_core(job.core, load_network(job.network)).plan


@cache
def _patience() -> int:
    """Cycles after which a packet counts as missing: a frame alone in the core, and a standstill."""
    return longest_frame(_golden(), _plan()) + _job().idle_limit


class _Streams:
    """The drivers at the ports of the bench, and what they are expected to receive."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.clock = dut.outside_clk
        self.source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), self.clock, dut.hold_reset)
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), self.clock, dut.hold_reset)
        for driver in (self.source, self.sink):
            driver.log.setLevel("WARNING")
        self._expected: list[list[int]] = []
        self._got: list[list[int]] = []
        self._images: list[int] = []

    async def reset(self) -> None:
        """Reset core and drivers; what was under way is forgotten."""
        self.source.clear()
        self.dut.hold_reset.value = 1
        await ClockCycles(self.clock, _RESET_CYCLES)
        self.dut.hold_reset.value = 0
        await ClockCycles(self.clock, 1)
        self.sink.clear()

    async def send(self, image: int) -> None:
        """Send a right frame; its packet is golden's."""
        await self.source.send(_frames()[image])
        golden = _golden()
        self._expected.append([0, int(golden.classes[image]), *golden.scores[image].tolist()])
        self._images.append(image)

    async def send_wrong(self, beats: int) -> None:
        """Send a frame of another length; its packet has TUSER = 1 and zeros."""
        data = itertools.islice(itertools.cycle(_frames()[0]), beats * _plan().beat_pixels)
        await self.source.send(bytes(data))
        self._expected.append([1] + [0] * (1 + _golden().scores.shape[1]))
        self._images.append(self._images[-1] if self._images else 0)

    async def receive_all(self) -> None:
        """Take a packet for every frame that was sent, and see that no other follows."""
        for _ in self._expected[len(self._got) :]:
            try:
                packet = await with_timeout(self.sink.recv(), _patience() * _CLOCK_NANOSECONDS, "ns")
            except SimTimeoutError:
                # The comparison will say which packet is missing.
                return
            users = set(packet.tuser) if isinstance(packet.tuser, list) else {int(packet.tuser)}
            user = users.pop() if len(users) == 1 else -1
            self._got.append([int(user), *np.frombuffer(bytes(packet.tdata), dtype="<i4").tolist()])
        await ClockCycles(self.clock, 64)
        while not self.sink.empty():
            self._got.append(np.frombuffer(bytes((await self.sink.recv()).tdata), dtype="<i4").tolist())

    def check(self, name: str) -> Check:
        """All packets so far against the expected ones."""
        width = max(map(len, [*self._expected, *self._got]), default=0)
        count = np.array([[len(self._expected)]]), np.array([[len(self._got)]])
        rows = len(self._expected)
        packets = _table(self._expected, rows, width), _table(self._got, rows, width)
        pairs = [("packets", *count), ("TUSER, class, scores", *packets)]
        readout = load_network(_job().network).readout.name
        images = np.array([_job().first + image for image in self._images])
        return equal_arrays(f"protocol: {name}", Group.VALUES, readout, pairs, image_of=images)


def _table(rows: Sequence[Sequence[int]], count: int, width: int) -> Int64:
    table = np.full((count, width), -(1 << 40), dtype=np.int64)
    for index, row in enumerate(rows[:count]):
        table[index, : len(row)] = row
    return table


async def _start(dut: Any) -> _Streams:
    for name in ("run", "spaced", "gap", "stall", "settle", "seed", "dump_from"):
        getattr(dut, name).value = 0
    dut.idle_limit.value = _job().idle_limit
    dut.outside.value = 1
    dut.hold_reset.value = 1
    Clock(dut.outside_clk, _CLOCK_NANOSECONDS, unit="ns").start()
    await ClockCycles(dut.outside_clk, _RESET_CYCLES)
    streams = _Streams(dut)
    await streams.reset()
    return streams


def _judge(check: Check) -> None:
    path = Path(PROTOCOL_OUTCOME)
    earlier = read_json(path)["checks"] if path.exists() else []
    write_json(path, {"checks": [*earlier, check.as_dict()]})
    assert check.passed, f"{check.name}: {check.detail}"


@cocotb.test()
async def back_to_back(dut: Any) -> None:
    """All frames without a gap, an always-ready sink."""
    streams = await _start(dut)
    for image in range(_job().count):
        await streams.send(image)
    await streams.receive_all()
    _judge(streams.check("frames back to back"))


@cocotb.test()
async def random_pauses(dut: Any) -> None:
    """All frames with pauses of both drivers."""
    streams = await _start(dut)
    generator = np.random.default_rng(_job().seed)
    streams.source.set_pause_generator(_pauses(generator))
    streams.sink.set_pause_generator(_pauses(generator))
    for image in range(_job().count):
        await streams.send(image)
    await streams.receive_all()
    _judge(streams.check("random pauses of both sides"))


def _pauses(generator: np.random.Generator) -> Iterator[bool]:
    while True:
        yield bool(generator.integers(2))


@cocotb.test()
async def wrong_lengths(dut: Any) -> None:
    """Short and over-long frames: TUSER and zeros for them, the frames before and after are right."""
    streams = await _start(dut)
    beats = _plan().beats
    lengths = {1, beats - 1, beats + 1, 2 * beats, 2 * beats + 1} - {0, beats}
    for image, length in zip(itertools.cycle(range(_job().count)), sorted(lengths), strict=False):
        await streams.send(image)
        await streams.send_wrong(length)
    await streams.send_wrong(beats + 1)
    await streams.send(_job().count - 1)
    await streams.receive_all()
    _judge(streams.check("frames of a wrong length"))


@cocotb.test()
async def reset_in_mid_frame(dut: Any) -> None:
    """Reset at random moments of a frame; the frames after it are right."""
    streams = await _start(dut)
    generator = np.random.default_rng(_job().seed)
    longest = 4 * _plan().beats + 100
    for trial in range(_RESETS):
        for image in range(_job().count):
            await streams.source.send(_frames()[image])
        await ClockCycles(streams.clock, int(generator.integers(1, longest)))
        await streams.reset()
        await streams.send(trial % _job().count)
        await streams.receive_all()
    _judge(streams.check("reset in mid-frame"))
