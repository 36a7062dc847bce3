"""cocotb tests of frame_pacer and frame_queue alone, run inside the simulator by test_frame_pace.py."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import cocotb
from cocotb.triggers import FallingEdge, ReadOnly

from tests.rtl.bench_start import start_bench

CYCLES = 600
INTERVAL, FRAMES, WAY = 3, 4, 5
"""Of the bench: cycles between two frames, frames that may be in it, cycles from a start to the queue."""


@dataclass
class Played:
    """Frames that started and what came out, of the whole queue and of the one that is too small, each with its cycle."""

    started: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    got: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    got_of_half: list[int] = field(default_factory=list)


async def _start(dut: Any) -> random.Random:
    return await start_bench(dut, (dut.willing, dut.number, dut.ready))


async def _play(dut: Any, generator: random.Random, *, willing: float, ready: float, cycles: int = CYCLES) -> Played:
    """Offer frames of random numbers at random, and take them at random; both queues are taken from in the same cycles."""
    played, waiting = Played(), None
    for cycle in range(cycles):
        dut.willing.value = int(generator.random() < willing)
        dut.number.value = generator.randrange(256)
        dut.ready.value = int(generator.random() < ready)
        await ReadOnly()
        if dut.willing.value == 1 and dut.may_start.value == 1:
            played.started.append(int(dut.number.value))
            played.starts.append(cycle)
        offered = int(dut.scores.value) if dut.valid.value == 1 else None
        assert offered is None or int(dut.fault.value) == offered % 2
        assert waiting is None or offered == waiting, "what is offered stays until it is taken"
        waiting = None if dut.ready.value == 1 else offered
        if dut.ready.value == 1:
            if offered is not None:
                played.got.append(offered)
                played.times.append(cycle)
            if dut.valid_of_half.value == 1:
                played.got_of_half.append(int(dut.scores_of_half.value))
        await FallingEdge(dut.clk)
    return played


@cocotb.test()
async def a_frame_starts_in_every_interval_and_passes_the_queue_in_the_cycle_in_which_it_comes(dut: Any) -> None:
    played = await _play(dut, await _start(dut), willing=1.0, ready=1.0)
    assert played.starts == list(range(0, CYCLES, INTERVAL))
    assert played.times == [start + WAY for start in played.starts if start + WAY < CYCLES]


@cocotb.test()
async def frames_leave_in_their_order_whatever_their_taker_does(dut: Any) -> None:
    for willing, ready in ((1.0, 0.05), (0.2, 0.2), (1.0, 0.5), (0.7, 0.9)):
        generator = await _start(dut)
        played = await _play(dut, generator, willing=willing, ready=ready)
        rest = await _play(dut, generator, willing=0.0, ready=1.0, cycles=40)
        assert len(played.started) > 20
        assert played.got + rest.got == played.started


@cocotb.test()
async def no_more_frames_start_than_the_queue_holds_while_nothing_is_taken(dut: Any) -> None:
    generator = await _start(dut)
    played = await _play(dut, generator, willing=1.0, ready=0.0)
    assert len(played.started) == FRAMES
    rest = await _play(dut, generator, willing=0.0, ready=1.0, cycles=40)
    assert rest.got == played.started


@cocotb.test()
async def a_queue_that_holds_fewer_frames_than_the_pacer_counts_loses_some(dut: Any) -> None:
    generator = await _start(dut)
    played = await _play(dut, generator, willing=1.0, ready=0.0)
    rest = await _play(dut, generator, willing=0.0, ready=1.0, cycles=40)
    assert played.got_of_half + rest.got_of_half != played.started


@cocotb.test()
async def a_reset_forgets_every_frame(dut: Any) -> None:
    await _play(dut, await _start(dut), willing=1.0, ready=0.0, cycles=50)
    played = await _play(dut, await _start(dut), willing=1.0, ready=1.0)
    assert played.got == played.started[: len(played.got)]
    assert len(played.started) - len(played.got) <= FRAMES
