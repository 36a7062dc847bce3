"""cocotb tests of single modules, run inside the simulator by test_cores.py."""

from __future__ import annotations

import random
from typing import Any

import cocotb
from cocotb.triggers import FallingEdge, ReadOnly

from tests.rtl.bench_start import start_bench

LANES, WIDTH, WEIGHT_BITS = 3, 10, 4
HOLD, ADD, DOUBLE, FIRE, SATURATE, LEAK = range(6)
SPIKE, END_OF_STEP, END_OF_FRAME = range(3)
CYCLES = 2000
LOWEST, MULTIPLES, TIME_STEPS = -3, (4, 2, 1), 4


def _pack(values: list[int]) -> int:
    return sum((value & (1 << WIDTH) - 1) << lane * WIDTH for lane, value in enumerate(values))


def _unpack(word: int) -> list[int]:
    lanes = [word >> lane * WIDTH & (1 << WIDTH) - 1 for lane in range(LANES)]
    return [value - (1 << WIDTH) if value >> (WIDTH - 1) else value for value in lanes]


def _after(operation: int, value: int, total: int) -> int:
    if operation == HOLD or (operation == FIRE and total < 0) or (operation == LEAK and total >= 0):
        return value
    if operation == SATURATE and total >= 0:
        return -1
    return total


async def _start(dut: Any) -> random.Random:
    bank = (dut.issue, dut.operation, dut.restart, dut.group, dut.operand, dut.start)
    choice = (dut.from_weights, dut.subtracting, dut.doubling, dut.constant_word, dut.constant_read, dut.weight_row, dut.held)
    levels = (dut.active, dut.deciding, dut.first, dut.sending, dut.last_group, dut.success)
    return await start_bench(dut, (*bank, *levels, *choice, dut.carry, dut.fired_5, dut.fired_20, dut.ready))


async def _check_bank(dut: Any, groups: int) -> None:
    """A random operation in nearly every cycle, mostly on the word of the cycle before; every potential and sign is compared."""
    generator = await _start(dut)
    shown, negative = getattr(dut, f"potential_{groups}"), getattr(dut, f"negative_{groups}")
    words: list[list[int] | None] = [None] * groups
    compared, group, pending = 0, 0, None
    for _ in range(CYCLES):
        checked = None
        if pending is not None:
            operation, at, restart = pending
            operands = [generator.randint(-60, 60) for _ in range(LANES)]
            start = [generator.randint(-90, 90) for _ in range(LANES)]
            carry = generator.randint(0, 1)
            dut.operand.value, dut.carry.value, dut.start.value = _pack(operands), carry, _pack(start)
            before = words[at]
            if before is not None:
                totals = [value + operand + carry for value, operand in zip(before, operands, strict=True)]
                checked = (before, [int(total < 0) for total in totals])
            if restart:
                words[at] = start
            elif before is not None:
                words[at] = [_after(operation, value, total) for value, total in zip(before, totals, strict=True)]
        group = group if generator.random() < 0.6 else generator.randrange(groups)
        now = words[group]
        operation = generator.choice([HOLD, ADD, DOUBLE, FIRE, SATURATE, LEAK])
        restart = now is None or max(map(abs, now)) > 120 or generator.random() < 0.05
        pending = (operation, group, restart) if generator.random() < 0.9 else None
        dut.issue.value = int(pending is not None)
        dut.operation.value, dut.restart.value, dut.group.value = operation, int(restart), group
        await ReadOnly()
        if checked is not None:
            assert _unpack(int(shown.value)) == checked[0]
            assert [int(negative.value) >> lane & 1 for lane in range(LANES)] == checked[1]
            compared += 1
        await FallingEdge(dut.clk)
    assert compared > CYCLES // 2


@cocotb.test()
async def bank_of_one_group_takes_an_operation_a_cycle(dut: Any) -> None:
    await _check_bank(dut, 1)


@cocotb.test()
async def bank_of_two_groups_takes_an_operation_a_cycle(dut: Any) -> None:
    await _check_bank(dut, 2)


@cocotb.test()
async def bank_of_three_groups_takes_an_operation_a_cycle(dut: Any) -> None:
    await _check_bank(dut, 3)


@cocotb.test()
async def operand_is_the_weight_its_opposite_the_constant_or_the_potential(dut: Any) -> None:
    """What is added altogether, the operand and its carry, of a random choice in every cycle."""
    generator = await _start(dut)
    for _ in range(CYCLES):
        kind = generator.choice(["weight", "opposite", "constant", "potential"])
        constants, potentials = ([generator.randint(-500, 500) for _ in range(LANES)] for _ in range(2))
        weights = [generator.randint(-8, 7) for _ in range(LANES)]
        dut.from_weights.value, dut.subtracting.value = int(kind in ("weight", "opposite")), int(kind == "opposite")
        dut.doubling.value, dut.constant_word.value = int(kind == "potential"), _pack(constants)
        await FallingEdge(dut.clk)
        dut.weight_row.value = sum((weight & (1 << WEIGHT_BITS) - 1) << lane * WEIGHT_BITS for lane, weight in enumerate(weights))
        dut.held.value, dut.constant_word.value, dut.constant_read.value = _pack(potentials), _pack(potentials), _pack(constants)
        await ReadOnly()
        added = {"weight": weights, "opposite": [-weight for weight in weights], "constant": constants, "potential": potentials}
        for chosen in (dut.chosen, dut.chosen_of_memory):
            assert [value + int(dut.chosen_carry.value) for value in _unpack(int(chosen.value))] == added[kind]
        await FallingEdge(dut.clk)


async def _check_output(dut: Any, lanes: int, ready_share: float, idle_share: float) -> tuple[int, int]:
    """Offer random words whenever allowed; the events must be theirs, in order. Returns events and cycles from first to last."""
    generator = await _start(dut)
    fired, stall = getattr(dut, f"fired_{lanes}"), getattr(dut, f"stall_{lanes}")
    valid, kind = getattr(dut, f"valid_{lanes}"), getattr(dut, f"kind_{lanes}")
    channel, fault = getattr(dut, f"channel_{lanes}"), getattr(dut, f"fault_{lanes}")
    negative, magnitude = getattr(dut, f"negative_of_{lanes}"), getattr(dut, f"magnitude_of_{lanes}")
    expected: list[tuple[int, int | None, int, int]] = []
    got: list[tuple[int, int | None, int, int]] = []
    times: list[int] = []
    allowed = False
    for cycle in range(CYCLES + 400):
        offering = allowed and cycle < CYCLES and generator.random() >= idle_share
        fired.value = int(offering)
        if offering:
            spikes = sorted(generator.sample(range(lanes), generator.choice([0, 1, 1, 2, lanes])))
            marker = generator.choice([0, 0, END_OF_STEP, END_OF_FRAME]) if spikes else END_OF_STEP
            base, faulty = generator.randrange(12), int(marker == END_OF_FRAME and generator.random() < 0.5)
            mask = sum(1 << spike for spike in spikes)
            dut.quiet.value = ~mask & (1 << 20) - 1
            dut.base.value, dut.marker.value, dut.fault.value = base, marker, faulty
            # Five lanes send plain spikes, whatever signs and magnitudes stand beside them.
            values = [generator.choice([-1, 1]) * generator.randint(1, 7) for _ in range(20)]
            dut.negative.value = sum(int(value < 0) << lane for lane, value in enumerate(values))
            dut.magnitude.value = sum(abs(value) << 3 * lane for lane, value in enumerate(values))
            expected += [(SPIKE, base + spike, 0, values[spike] if lanes == 20 else 1) for spike in spikes]
            expected += [(marker, None, faulty, 0)] if marker else []
        dut.ready.value = int(generator.random() < ready_share)
        await ReadOnly()
        if valid.value == 1 and dut.ready.value == 1:
            what = int(kind.value)
            value = int(magnitude.value) * (1 - 2 * int(negative.value))
            got.append(
                (what, int(channel.value), int(fault.value), value) if what == SPIKE else (what, None, int(fault.value), 0)
            )
            times.append(cycle)
        allowed = stall.value == 0
        await FallingEdge(dut.clk)
    assert len(expected) > 100
    assert got == expected
    return len(got), times[-1] - times[0] + 1


@cocotb.test()
async def words_of_five_lanes_become_their_events_in_order(dut: Any) -> None:
    await _check_output(dut, 5, ready_share=0.6, idle_share=0.3)


@cocotb.test()
async def words_of_twenty_lanes_become_their_events_in_order(dut: Any) -> None:
    await _check_output(dut, 20, ready_share=0.6, idle_share=0.3)


@cocotb.test()
async def five_lanes_send_an_event_in_every_cycle(dut: Any) -> None:
    events, cycles = await _check_output(dut, 5, ready_share=1.0, idle_share=0.0)
    assert events == cycles


@cocotb.test()
async def twenty_lanes_send_an_event_in_every_cycle(dut: Any) -> None:
    events, cycles = await _check_output(dut, 20, ready_share=1.0, idle_share=0.0)
    assert events == cycles


def _lanes_of(dut: Any, name: str) -> list[int]:
    """The values that two neurons send, 0 where a neuron is quiet."""
    quiet, sign = int(getattr(dut, f"quiet_{name}").value), int(getattr(dut, f"sign_{name}").value)
    sizes = [int(dut.size_whole.value) >> 3 * lane & 7 if name == "whole" else 1 for lane in range(2)]
    return [0 if quiet >> lane & 1 else (1 - 2 * (sign >> lane & 1)) * sizes[lane] for lane in range(2)]


def _sent(name: str, level: int, step: int) -> int:
    """What a level sends in a time step."""
    sign = (level > 0) - (level < 0)
    if name == "whole":
        return level
    if name == "unary":
        return sign * int(abs(level) > step)
    return sign * (abs(level) >> TIME_STEPS - 1 - step & 1)


@cocotb.test()
async def levels_are_decided_and_sent_in_every_code(dut: Any) -> None:
    """Every pair of levels from −3 to 4, with random idle cycles; the first time step leaves with the last compare."""
    generator = await _start(dut)
    outcomes = [(one, other) for one in range(8) for other in range(8)]
    generator.shuffle(outcomes)
    dut.last_group.value = 1
    checks = 0
    for pair in outcomes:
        left = list(pair)
        passes = len(MULTIPLES) + TIME_STEPS - 1
        for number in range(passes):
            deciding, step = number < len(MULTIPLES), number - len(MULTIPLES) + 1
            wins = [int(deciding and rest >= MULTIPLES[number]) for rest in left]
            left = [rest - MULTIPLES[number] * win for rest, win in zip(left, wins, strict=True)] if deciding else left
            # In a pass that only sends, nothing may depend on the compares.
            shown = wins if deciding else [generator.randint(0, 1) for _ in range(2)]
            dut.active.value, dut.deciding.value, dut.first.value = 1, int(deciding), int(number == 0)
            dut.sending.value, dut.success.value = int(step >= 0), shown[0] | shown[1] << 1
            await FallingEdge(dut.clk)
            dut.active.value = 0
            await ReadOnly()
            for name in ("whole", "unary", "bits"):
                if step >= 0:
                    assert _lanes_of(dut, name) == [_sent(name, LOWEST + level, step) for level in pair], (name, pair, step)
                    checks += 1
            await FallingEdge(dut.clk)
            for _ in range(generator.choice([0, 0, 1])):
                await FallingEdge(dut.clk)
    assert checks == 64 * 3 * TIME_STEPS
