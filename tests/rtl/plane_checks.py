"""cocotb tests of plane_output alone, run inside the simulator by test_plane_output.py."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import cocotb
from cocotb.triggers import FallingEdge, ReadOnly

from tests.rtl.bench_start import start_bench

END_OF_STEP, END_OF_FRAME = 1, 2
CYCLES = 1500
UNDER_WAY = 2
"""Cycles from the decision of a pass that sends, in view of stall, to its word."""
WHOLE_FRAME = 10
"""Words that a fifo of 16 holds beside the six that its MARGIN keeps free."""


@dataclass(frozen=True)
class Shape:
    """One of the outputs of the bench."""

    name: str
    neurons: int
    lanes: int
    groups: int
    bits: int
    signed: bool


ONE, THREE = Shape("1", 6, 6, 1, 1, signed=False), Shape("3", 13, 5, 3, 3, signed=True)
Step = tuple[int, int, list[int]]
"""Kind, fault and the values of all neurons."""


@dataclass
class Played:
    """What was fired and what came out, each with its cycle; ``words`` were accepted."""

    expected: list[Step] = field(default_factory=list)
    last_fired: list[int] = field(default_factory=list)
    got: list[Step] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    words: int = 0


async def _start(dut: Any) -> random.Random:
    inputs = (dut.fired_1, dut.fired_3, dut.quiet, dut.negative, dut.magnitude, dut.marker, dut.fault, dut.ready)
    return await start_bench(dut, inputs)


def _draw_step(generator: random.Random, shape: Shape) -> Step:
    """A quarter of all steps is silent."""
    share = generator.choice([0.0, 0.2, 0.5, 1.0])
    largest = (1 << shape.bits) - 1
    sizes = [generator.randint(1, largest) * (generator.random() < share) for _ in range(shape.neurons)]
    values = [size * (generator.choice([-1, 1]) if shape.signed else 1) for size in sizes]
    kind = generator.choice([END_OF_STEP, END_OF_FRAME])
    return kind, int(kind == END_OF_FRAME and generator.random() < 0.5), values


def _fire(dut: Any, shape: Shape, step: Step, group: int, generator: random.Random) -> None:
    """Show a word; beside it, in lanes without a neuron and as signs of what is silent, stands anything."""
    kind, fault, values = step
    word = values[group * shape.lanes : (group + 1) * shape.lanes]
    word += [generator.randint(-7, 7) for _ in range(shape.lanes - len(word))]
    dut.quiet.value = sum(1 << lane for lane, value in enumerate(word) if value == 0)
    dut.negative.value = sum(
        1 << lane for lane, value in enumerate(word) if value < 0 or (value == 0 and generator.random() < 0.5)
    )
    dut.magnitude.value = sum(abs(value) << shape.bits * lane for lane, value in enumerate(word))
    last = group == shape.groups - 1
    dut.marker.value, dut.fault.value = kind if last else 0, fault if last else 0


def _shown(dut: Any, shape: Shape) -> Step:
    kind, fault, plane, signs = (int(getattr(dut, f"{port}_{shape.name}").value) for port in ("kind", "fault", "plane", "signs"))
    sizes = [plane >> shape.bits * neuron & (1 << shape.bits) - 1 for neuron in range(shape.neurons)]
    return kind, fault, [size * (1 - 2 * (signs >> neuron & 1)) for neuron, size in enumerate(sizes)]


async def _play(
    dut: Any, shape: Shape, generator: random.Random, *, ready: float, idle: float, cycles: int = CYCLES, flip: int | None = None
) -> Played:
    """Decide on words whenever stall allows, each of which fires some cycles later; ``flip`` is a step with a wrong spike."""
    fired, stall, valid = (getattr(dut, f"{port}_{shape.name}") for port in ("fired", "stall", "valid"))
    played, decided, waiting = Played(), deque([False] * UNDER_WAY), None
    step, group = _draw_step(generator, shape), 0
    for cycle in range(cycles + 100):
        fires = decided.popleft()
        fired.value = int(fires)
        if fires:
            driven = step
            if flip == len(played.expected):
                kind, fault, values = step
                driven = kind, fault, [int(values[0] == 0), *values[1:]]
            _fire(dut, shape, driven, group, generator)
            played.words, group = played.words + 1, (group + 1) % shape.groups
            if group == 0:
                played.expected.append(step)
                played.last_fired.append(cycle)
                step = _draw_step(generator, shape)
        dut.ready.value = int(generator.random() < ready)
        await ReadOnly()
        offered = _shown(dut, shape) if valid.value == 1 else None
        assert waiting is None or offered == waiting, "what is offered stays until it is taken"
        waiting = None if dut.ready.value == 1 else offered
        if offered is not None and dut.ready.value == 1:
            played.got.append(offered)
            played.times.append(cycle)
        # What was begun is completed, so that the last step comes out.
        begun = (group + sum(decided)) % shape.groups != 0
        decided.append(stall.value == 0 and (begun or cycle < cycles) and generator.random() >= idle)
        await FallingEdge(dut.clk)
    return played


async def _check_values(dut: Any, shape: Shape) -> None:
    generator = await _start(dut)
    for ready, idle in ((0.2, 0.0), (0.5, 0.5), (0.9, 0.2), (1.0, 0.0)):
        played = await _play(dut, shape, generator, ready=ready, idle=idle)
        assert len(played.expected) > 100
        assert played.got == played.expected


@cocotb.test()
async def words_are_the_steps_of_one_group(dut: Any) -> None:
    await _check_values(dut, ONE)


@cocotb.test()
async def words_of_three_groups_become_their_steps(dut: Any) -> None:
    await _check_values(dut, THREE)


@cocotb.test()
async def steps_follow_each_other_without_a_bubble(dut: Any) -> None:
    generator = await _start(dut)
    for shape in (ONE, THREE):
        played = await _play(dut, shape, generator, ready=1.0, idle=0.0)
        assert played.times == [cycle + 3 for cycle in played.last_fired]
        assert {later - time for time, later in zip(played.times, played.times[1:], strict=False)} == {shape.groups}
        getattr(dut, f"fired_{shape.name}").value = 0


@cocotb.test()
async def one_wrong_spike_is_one_wrong_value(dut: Any) -> None:
    generator = await _start(dut)
    for shape in (ONE, THREE):
        played = await _play(dut, shape, generator, ready=0.5, idle=0.2, flip=7)
        wrong = [number for number, pair in enumerate(zip(played.expected, played.got, strict=True)) if pair[0] != pair[1]]
        assert wrong == [7]
        assert played.expected[7][2][0] != played.got[7][2][0]
        assert (*played.expected[7][:2], played.expected[7][2][1:]) == (*played.got[7][:2], played.got[7][2][1:])


@cocotb.test()
async def a_whole_frame_is_held_while_nothing_is_taken(dut: Any) -> None:
    for shape in (ONE, THREE):
        generator = await _start(dut)
        played = await _play(dut, shape, generator, ready=0.0, idle=0.0, cycles=100)
        assert not played.got
        assert played.words >= WHOLE_FRAME
        rest = await _play(dut, shape, generator, ready=1.0, idle=1.0, cycles=0)
        assert rest.got == played.expected


@cocotb.test()
async def a_reset_forgets_a_step_that_is_not_complete(dut: Any) -> None:
    generator = await _start(dut)
    lost = _draw_step(generator, THREE)
    for group in range(2):
        _fire(dut, THREE, lost, group, generator)
        dut.fired_3.value = 1
        await FallingEdge(dut.clk)
    dut.fired_3.value, dut.rst.value = 0, 1
    await FallingEdge(dut.clk)
    dut.rst.value = 0
    played = await _play(dut, THREE, generator, ready=0.7, idle=0.2, cycles=300)
    assert played.got == played.expected
