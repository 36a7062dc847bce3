"""When a frame reaches and leaves every part of a core: a max-plus recurrence over layers and time steps.

Times are cycles, of one frame behind another or of many frames at once, each alone in the core.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.integer_network.structure import INPUT
from rtl.core_plan import CHUNK, CorePlan, LayerPlan
from rtl.cycles.traffic import Traffic
from rtl.widths import index_bits

Time = Any
"""An integer, or an array of them, one a frame."""
NEVER = -(1 << 40)
"""Before everything."""

FIRST_EVENT = 7
"""From the beat of a pixel to its event on a link."""
FIRED = 9
"""From a pass that sends to its first event, at least."""
WORD_HELD = FIRED - 3
"""From a pass that sends to its word, the last of a time step that leaves as a whole; at least."""
SERIALIZED = 2
"""From a time step of an unrolled layer to its first event, at least."""
CHUNKED = 2
"""Of a word that is cut into chunks."""
CHARGED = 4
"""From the last marker of a frame to the start of the scan of its map, when its last charge is written."""
SCANNED = 11
"""From the start of a scan of a map to its first event, beside the stages of the decision, one that finds the largest of a
window, those that cut a word into chunks, and one of potentials that are kept."""
LOOKED_UP = 1
"""Of an address whose rows and columns are looked up in a table."""
SCAN_PAUSE = 3
"""Between the words of two scans."""
SCORED = 4
"""From the last pass of a readout to the first compare of its scores."""


Occupied = defaultdict[str, Time]
"""By part of the core the cycle from which on it is free of earlier frames."""


def nothing_occupied() -> Occupied:
    """Of a core without a frame in it."""
    return defaultdict(lambda: NEVER)


@dataclass(frozen=True)
class Arrival:
    """A link by time step: the cycles in which the first event and the marker may be taken; of whole time steps the latter."""

    first: Sequence[Time]
    marker: Sequence[Time]

    def delayed(self, cycles: int) -> Arrival:
        """The same some cycles later."""
        return Arrival([time + cycles for time in self.first], [time + cycles for time in self.marker])


def earlier(*times: Time) -> Time:
    """The earliest of several times."""
    if len(times) == 1:
        return times[0]
    return min(times) if all(isinstance(time, int) for time in times) else np.minimum.reduce(np.broadcast_arrays(*times))


def later(*times: Time) -> Time:
    """The latest of several times."""
    if all(isinstance(time, int) for time in times):
        return max(times)
    latest = times[0]
    for time in times[1:]:
        latest = np.maximum(latest, time)
    return latest


class FrameTimeline:
    """Follows one frame, or many that are alone, through a core."""

    def __init__(self, plan: CorePlan, stages: Mapping[str, int], traffic: Sequence[Traffic], busy: Occupied) -> None:
        self._plan = plan
        self._stages = stages
        self._traffic = traffic
        self._busy = busy
        self._arrivals: dict[int, Arrival] = {}
        self._taken: dict[int, Time] = {}

    def finish(self) -> Time:
        """The cycle after the last beat of the packet; the first beat of a frame that is alone comes in cycle 0."""
        self._frame_planes() if self._plan.planes_in else self._encode()
        for layer in self._plan.layers[:-1]:
            arrival = self._engine(layer)(layer)
            for number in layer.sends:
                # Of a map, the number of a neuron is looked up by row and column.
                flat = self._plan.links[number].pooling is not None
                self._arrivals[number] = arrival.delayed(LOOKED_UP) if flat else arrival
        readout = self._plan.layers[-1]
        done = self._read_out(readout) if readout.unrolled is None else self._read_out_unrolled(readout)
        self._note_left()
        return done

    def _note_left(self) -> None:
        """The encoder holds two frames, so do the lists of a map: when the last one has left, and the one before."""
        holders = {layer.name: layer.sends for layer in self._plan.layers if layer.map is not None and layer.sends}
        for source, links in (holders | {INPUT: self._plan.input_links}).items():
            left = later(*(self._taken[number] - self._traffic[number].under_way[0] for number in links))
            self._busy[f"frame before last of {source}"] = self._busy[f"last frame of {source}"]
            self._busy[f"last frame of {source}"] = left

    def _engine(self, layer: LayerPlan) -> Callable[[LayerPlan], Arrival]:
        return self._unrolled if layer.unrolled is not None else self._map if layer.map is not None else self._dense

    def _encode(self) -> None:
        """Two frames are held; the first time step leaves while its frame arrives."""
        begin = later(0, self._busy["beats"], self._busy[f"frame before last of {INPUT}"])
        self._busy["beats"] = begin + self._plan.beats
        for number in self._plan.input_links:
            link, traffic = self._plan.links[number], self._traffic[number]
            first = begin + FIRST_EVENT + (LOOKED_UP if link.is_map and not link.wired else 0)
            sender = _Sender(self._busy[f"encoder to {number}"], traffic)
            sender.send(first, first + self._plan.beats)
            for _ in traffic.sent[1:]:
                sender.send(sender.free, sender.free)
            self._busy[f"encoder to {number}"] = sender.free
            self._arrivals[number] = sender.arrival

    def _frame_planes(self) -> None:
        """One frame is held; the next one's first beat comes with the last time step."""
        begin = later(0, self._busy["beats"])
        planes = [begin + self._plan.beats + step for step in range(self._plan.input_steps)]
        self._busy["beats"] = planes[-1]
        self._arrivals |= dict.fromkeys(self._plan.input_links, Arrival(planes, planes))

    def _charged(self, links: Sequence[int], step: int, time: Time) -> Time:
        """When the events of a time step are done, of one server that takes the events of all links as they come."""
        arrivals = [self._arrivals[number] for number in links]
        traffic = [self._traffic[number] for number in links]
        done = [arrival.first[step] + link.taken_until[step] for arrival, link in zip(arrivals, traffic, strict=True)]
        begun = later(time, earlier(*(arrival.first[step] for arrival in arrivals)))
        return later(begun + sum(link.taken[step] for link in traffic), *done, *(arrival.marker[step] for arrival in arrivals))

    def _dense(self, layer: LayerPlan) -> Arrival:
        time, sender, depth = self._busy[layer.name], self._sender(layer), self._depth(layer)
        for step in range(layer.source_steps):
            time = self._charged(layer.links, step, time)
            last = step == layer.source_steps - 1
            if last:
                self._note_taken(layer, time + 1)
            if last or layer.causal:
                time = time + layer.groups * (1 + int(layer.saturates))
            else:
                time = time + (layer.groups if layer.doubling else 1)
            if layer.causal:
                time = _decide(layer, time, sender, depth)
        if layer.direct:
            for _ in range(layer.time_steps):
                time = _decide(layer, time + layer.groups, sender, depth)
        elif not layer.causal:
            time = _decide(layer, time, sender, depth)
            # Without levels every pass is a decision; with levels what is left is sent in passes of its own.
            for _ in range(layer.time_steps - 1):
                time = sender.send(time + depth, time + depth + layer.groups) - depth
        self._busy[layer.name], self._busy[f"link of {layer.name}"] = time, sender.free
        return sender.arrival

    def _depth(self, layer: LayerPlan) -> int:
        """Cycles from a pass that sends to its first event, or to its word where a time step is sent as a whole."""
        whole = self._plan.sends_planes(layer)
        return int(layer.leveled) + (WORD_HELD if whole else FIRED + _cutting(layer.lanes))

    def _map(self, layer: LayerPlan) -> Arrival:
        assert layer.map is not None
        time, scanner = self._busy[layer.name], self._busy[f"scan of {layer.name}"]
        sender = self._sender(layer)
        stages = int(layer.map.pooling is not None) + int(layer.decides_every_step) + _cutting(layer.map.banks.lanes)
        depth = SCANNED + layer.fires + stages
        arriving = {number: len(self._traffic[number].taken) for number in layer.links}
        for step in range(max(arriving.values())):
            # Sources may have different numbers of time steps.
            time = self._charged([number for number, steps in arriving.items() if step < steps], step, time) + 1
            last = step == max(arriving.values()) - 1
            if last:
                self._note_taken(layer, time)
            if not last and not layer.causal:
                continue
            scans = 1 if layer.causal else layer.scans
            steps = 1 if layer.decides_every_step else layer.time_steps
            begin = later(time + CHARGED, scanner)
            if not layer.decides_every_step:
                begin = later(begin, self._busy[f"frame before last of {layer.name}"])
            for scan in range(scans):
                start = begin if scan == 0 else scanner
                scanner = start + layer.map.scan_cycles
                for _ in range(steps):
                    sender.send(start + depth, scanner + depth)
                scanner = scanner + SCAN_PAUSE
            time = begin + 2 if self._plan.potential_buffers == 2 else scanner
        self._busy[layer.name], self._busy[f"scan of {layer.name}"] = time, scanner
        self._busy[f"link of {layer.name}"] = sender.free
        return sender.arrival

    def _note_taken(self, layer: LayerPlan, time: Time) -> None:
        """The last marker of a frame was taken before this cycle."""
        self._taken |= dict.fromkeys(layer.links, time)

    def _read_out(self, layer: LayerPlan) -> Time:
        time = self._busy[layer.name]
        for step in range(layer.source_steps):
            time = self._charged(layer.links, step, time)
            last = step == layer.source_steps - 1
            time = time + (layer.groups if layer.doubling or last else 1)
        self._note_taken(layer, time)
        handed = later(time, self._busy["packet"]) + (layer.groups - 1) * (layer.lanes + SCORED)
        last_lanes = layer.channels - (layer.groups - 1) * layer.lanes
        self._busy[layer.name] = handed + 1
        self._busy["packet"] = handed + SCORED + last_lanes + 1 + layer.channels
        return self._busy["packet"]

    def _summed(self, layer: LayerPlan) -> Time:
        """When all time steps of a frame are in the potentials of an unrolled layer."""
        (number,) = layer.links
        arrival, taken = self._arrivals[number], self._traffic[number].taken
        planes = self._plan.links[number].planes
        time = self._busy[layer.name]
        for step in range(layer.source_steps):
            if planes:
                time = later(time, arrival.marker[step]) + 1
            else:
                # Offered a cycle after its marker, while the next event is taken.
                time = later(later(time, arrival.first[step]) + taken[step], arrival.marker[step]) + 1
        self._note_taken(layer, time)
        return time + int(not planes) + self._stages[layer.name]

    def _unrolled(self, layer: LayerPlan) -> Arrival:
        summed = self._summed(layer)
        moved = later(summed, self._busy[f"link of {layer.name}"])
        self._busy[layer.name] = moved - self._stages[layer.name]
        if self._plan.sends_planes(layer):
            planes = [moved + 1 + step for step in range(layer.time_steps)]
            self._busy[f"link of {layer.name}"] = planes[-1]
            return Arrival(planes, planes)
        sender, depth = _Sender(NEVER, self._traffic[layer.sends[0]]), 1 + SERIALIZED + _cutting(layer.channels)
        for step in range(layer.time_steps):
            sender.send(moved + depth + step, moved + depth + step + 1)
        self._busy[f"link of {layer.name}"] = sender.free - depth
        return sender.arrival

    def _sender(self, layer: LayerPlan) -> _Sender:
        return _Sender(self._busy[f"link of {layer.name}"], self._traffic[layer.sends[0]])

    def _read_out_unrolled(self, layer: LayerPlan) -> Time:
        moved = later(self._summed(layer), self._busy["packet"])
        self._busy[layer.name] = moved - self._stages[layer.name]
        if self._plan.whole_frames:
            # It compares two scores a cycle one after the other (result_word).
            self._busy["packet"] = moved + 1
            return moved + 2 + -(-index_bits(layer.channels) // 2)
        self._busy["packet"] = moved + 1 + 2 * layer.channels + 1
        return self._busy["packet"]


class _Sender:
    """The events of a layer, one a cycle, in the order of its time steps."""

    def __init__(self, free: Time, traffic: Traffic) -> None:
        self.free = free
        self._traffic = traffic
        self._first: list[Time] = []
        self._marker: list[Time] = []

    def send(self, start: Time, end: Time) -> Time:
        """The next time step, whose first word is there in cycle ``start`` and whose last one before ``end``; returns ``end``."""
        step = len(self._first)
        marker = later(self.free + self._traffic.sent[step], start + self._traffic.sent_until[step], end - 1)
        self._first.append(start)
        self._marker.append(marker)
        self.free = marker + 1
        return end

    @property
    def arrival(self) -> Arrival:
        """What was sent."""
        return Arrival(self._first, self._marker)


def _cutting(lanes: int) -> int:
    """Cycles in which a word of so many neurons is cut into chunks."""
    return CHUNKED if lanes > CHUNK else 0


def _decide(layer: LayerPlan, time: Time, sender: _Sender, depth: int) -> Time:
    """The fire passes of one decision, the last of which sends, so many cycles later; returns when they end."""
    end = time + layer.groups * layer.fires
    return sender.send(end - layer.groups + depth, end + depth) - depth
