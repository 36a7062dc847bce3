"""cocotb tests of layers of maps alone, run inside the simulator by test_map_cores.py: random levels, many side by side."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly

from model.integer_network import Neuron
from rtl.core_plan import CorePlan
from tests.rtl.map_bench import CASES, TESTED, Case, Event, events_of, expected_events, network_of, plan_of

SPIKE, END_OF_STEP, END_OF_FRAME = range(3)
FRAMES = 8
MOST_CYCLES = 20_000

Step = list[Event]


def _draw_frame(generator: random.Random, source: Neuron, crowded: bool) -> list[Step]:
    """Time steps of the events that levels of the source send; crowded ones go from a position to the next.

    No neuron sends more than its highest level: potentials have no more bits than their largest charge needs.
    """
    channels, rows, columns = source.map
    levels = np.zeros(source.map, dtype=np.int64)
    if crowded:
        top, left = generator.randrange(rows - 2), generator.randrange(columns - 2)
        places = list(product(range(channels), range(top, top + 3), range(left, left + 3)))
    else:
        places = list(product(range(channels), range(rows), range(columns)))
        places = generator.sample(places, generator.choice([0, 3, len(places) // 2, len(places)]))
    for place in places:
        levels[place] = generator.choice([source.lowest, generator.randint(source.lowest, source.levels), source.levels])
    frame = []
    for step in range(source.time_steps):
        events = sorted(events_of(levels, source, step))
        generator.shuffle(events)
        frame.append(sorted(events, key=lambda event: event[1:3]) if crowded else events)
    return frame


class _Link:
    """Signals of one link of a case."""

    def __init__(self, dut: Any, prefix: str, plan: CorePlan, number: int) -> None:
        fields = ("valid", "ready", "kind", "channel", "negative", "magnitude", "fault")
        self.signals = {field: getattr(dut, f"{prefix}_{field}") for field in fields}
        self.plan = plan.links[number]

    def offer(self, kind: int, event: Event = (0, 0, 0, 1)) -> None:
        channel, row, column, value = event
        address = (row << self.plan.column_bits | column) << self.plan.channel_bits | channel
        values = {"valid": 1, "kind": kind, "channel": address, "negative": int(value < 0), "magnitude": abs(value), "fault": 0}
        for field, number in values.items():
            self.signals[field].value = number

    def seen(self) -> Event:
        address = int(self.signals["channel"].value)
        channel = address & (1 << self.plan.channel_bits) - 1
        column = address >> self.plan.channel_bits & (1 << self.plan.column_bits) - 1
        row = address >> self.plan.channel_bits + self.plan.column_bits
        size = int(self.signals["magnitude"].value)
        return channel, row, column, -size if int(self.signals["negative"].value) else size


async def _send(dut: Any, link: _Link, frames: list[list[Step]], generator: random.Random, gaps: float, taken: list[int]) -> None:
    """Offer all events and markers; ``taken`` receives the cycles that the spikes of every frame took."""
    for frame in frames:
        cycles = 0
        for step, events in enumerate(frame):
            marker = END_OF_FRAME if step == len(frame) - 1 else END_OF_STEP
            for kind, event in [*((SPIKE, event) for event in events), (marker, (0, 0, 0, 1))]:
                while generator.random() < gaps:
                    link.signals["valid"].value = 0
                    await FallingEdge(dut.clk)
                link.offer(kind, event)
                while True:
                    await ReadOnly()
                    ready = int(link.signals["ready"].value)
                    await FallingEdge(dut.clk)
                    cycles += 1
                    if ready:
                        break
        link.signals["valid"].value = 0
        taken.append(cycles)


async def _begin(dut: Any, links: list[_Link], out: _Link, words: int) -> None:
    """Reset; words are cleared one a cycle after it."""
    for link in links:
        link.offer(SPIKE)
        link.signals["valid"].value = 0
    out.signals["ready"].value = 0
    dut.rst.value = 1
    Clock(dut.clk, 2, unit="ns").start()
    for _ in range(3):
        await FallingEdge(dut.clk)
    dut.rst.value = 0
    for _ in range(words + 4):
        await FallingEdge(dut.clk)


async def _receive(dut: Any, out: _Link, generator: random.Random, stalls: float) -> list[list[Step]]:
    """Everything that is sent, frame by frame and step by step; an empty frame follows the last one."""
    got: list[list[Step]] = [[[]]]
    for _ in range(MOST_CYCLES):
        out.signals["ready"].value = int(generator.random() >= stalls)
        await ReadOnly()
        if out.signals["valid"].value == 1 and out.signals["ready"].value == 1:
            kind = int(out.signals["kind"].value)
            if kind == SPIKE:
                got[-1][-1].append(out.seen())
            elif kind == END_OF_STEP:
                got[-1].append([])
            else:
                got.append([[]])
        await FallingEdge(dut.clk)
        if len(got) > FRAMES:
            break
    return got


async def _check(dut: Any, case: Case, gaps: float, stalls: float) -> None:
    generator = random.Random(cocotb.RANDOM_SEED)
    network, plan = network_of(case), plan_of(case)
    tested = plan.layers[TESTED]
    assert tested.map is not None
    links = [_Link(dut, f"{case.name}_in{place}", plan, number) for place, number in enumerate(tested.links)]
    out = _Link(dut, f"{case.name}_out0", plan, tested.sends[0])
    await _begin(dut, links, out, tested.map.banks.depth)
    source = network.layers[0].neuron
    drawn = [[_draw_frame(generator, source, number % 2 == 0) for _ in links] for number in range(FRAMES)]
    cycles: list[list[int]] = [[] for _ in links]
    for place, link in enumerate(links):
        frames = [frame[place] for frame in drawn]
        cocotb.start_soon(_send(dut, link, frames, random.Random(place), gaps, cycles[place]))
    got = await _receive(dut, out, generator, stalls)
    assert len(got) == FRAMES + 1
    for frame, sent in zip(drawn, got, strict=False):
        expected = expected_events(case, network, frame)
        assert [set(step) for step in sent] == expected
        assert [len(step) for step in sent] == [len(step) for step in expected]
    if gaps == 0 and len(links) == 1:
        passes = tested.map.synapses[0].passes()
        # The first frame finds everything idle: a pass a cycle, an event that reaches nothing one as well, and the markers.
        costs = [abs(event[3]) * int(passes[event[:3]]) or 1 for step in drawn[0][0] for event in step]
        assert cycles[0][0] == sum(costs) + len(drawn[0][0])


def _add(case: Case, gaps: float, stalls: float, name: str) -> None:
    async def run(dut: Any) -> None:
        await _check(dut, case, gaps, stalls)

    run.__name__ = run.__qualname__ = f"{case.name}_{name}"
    globals()[run.__name__] = cocotb.test()(run)


for _case in CASES:
    _add(_case, 0.0, 0.0, "without_a_bubble")
    _add(_case, 0.4, 0.5, "with_gaps_and_stalls")
