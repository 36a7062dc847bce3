"""What every link carries, time step by time step, and the cycles that it costs the layer that takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model.golden import GoldenResult
from model.golden.encoding import SpikeArray
from rtl.core_plan import CHUNK, PIXELS_A_BEAT, CorePlan, LayerPlan
from rtl.engine_counts import reaching, spikes_of
from rtl.link_plan import LinkPlan

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

_FIELDS = "sent", "sent_until", "taken", "taken_until", "under_way"
_FRAMES_AT_ONCE = 250
_WORDS_UNDER_WAY = 4
"""Of the encoder: words that are read or wait."""
_EVENTS_HELD = 2
"""Events that wait at a link for the layer that takes them."""
_RELEASED = 2
"""From the first event that is under way and taken to the lists of its frame, free."""
_EVERYTHING = 1 << 40
"""Longer than any frame takes: its lists are free whether anything is taken or not."""
_WORD_READ = 4
"""From a word that leaves to one that may be read for it and can be sent."""


@dataclass(frozen=True, eq=False)
class Traffic:
    """Events of one link by time step, (time steps, frames) each.

    A time step is sent word by word, the first one in its cycle 0. Its words come while it is decided, or in the encoder while
    their frame arrives, so that the last event is done not before the latest of a word's cycle + events from there on.

    Attributes:
        sent: cycles that the sender takes: events, and of the encoder also words that it reads in vain and waits for.
        sent_until: when the sender is done with them, if it does not wait.
        taken: cycles that they cost the layer that takes them, markers not counted.
        taken_until: when that layer is done with them, if it does not wait.
        under_way: (1, frames) of a map, how long before the last marker is taken the lists of its frame are free.
    """

    sent: Int64
    sent_until: Int64
    taken: Int64
    taken_until: Int64
    under_way: Int64

    @classmethod
    def joined(cls, parts: Sequence[Traffic]) -> Traffic:
        """Frames of several parts one after the other."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts], axis=1) for name in _FIELDS))

    def of_frame(self, frame: int) -> Traffic:
        """The same of one frame, with lists of time steps."""
        return Traffic(*(getattr(self, name)[:, frame].tolist() for name in _FIELDS))


def traffic_of(plan: CorePlan, result: GoldenResult) -> tuple[Traffic, ...]:
    """Traffic of every link; nothing where whole time steps are sent."""
    return tuple(traffic_of_link(plan, result, number) for number in range(len(plan.links)))


def traffic_of_link(plan: CorePlan, result: GoldenResult, number: int) -> Traffic:
    """Traffic of one link."""
    layers = {layer.name: layer for layer in plan.layers}
    link = plan.links[number]
    spikes = spikes_of(result, link.source)
    parts = [
        _traffic(plan, layers.get(link.source), layers[link.target], number, spikes[:, first : first + _FRAMES_AT_ONCE])
        for first in range(0, max(result.frames, 1), _FRAMES_AT_ONCE)
    ]
    return Traffic.joined(parts)


def _traffic(plan: CorePlan, source: LayerPlan | None, target: LayerPlan, number: int, spikes: SpikeArray) -> Traffic:
    link = plan.links[number]
    if link.planes:
        nothing = np.zeros(spikes.shape[:2], dtype=np.int64)
        return Traffic(nothing, nothing, nothing, nothing, nothing)
    words = _Words.of_encoder(plan) if source is None else _Words.of_layer(source)
    costs, dropped = _costs(target, link, number)
    fired = spikes != 0
    sent, taken = words.add(fired), words.add(np.abs(spikes.astype(np.int32)) * costs + fired * dropped)
    cycles, untils = sent.sum(axis=2), (words.until(sent), words.until(taken))
    if source is None:
        # Only the first time step leaves while its frame arrives.
        for until in untils:
            until[1:] = 0
        if plan.input_unary:
            arriving, waiting = _encoder_marks(sent, words.cycle), _encoder_marks(sent, np.zeros_like(words.cycle))
            cycles = np.diff(arriving, axis=0, prepend=arriving[:1] - waiting[:1]) - 1
            untils[0][0] = arriving[0] - 1
    has_lists = source is not None and source.map is not None
    under_way = _under_way(sent, taken, words.lanes) if has_lists else np.zeros_like(cycles[:1])
    return Traffic(cycles, untils[0], taken.sum(axis=2), untils[1], under_way)


def _under_way(sent: Int64, taken: Int64, lanes: int) -> Int64:
    """(1, frames): what is under way when the last word of a frame has left its list, in cycles of the layer that takes it.

    Two events wait at the link and one word in front of them, of chunks two; markers are words of one event.

    Args:
        sent: (time steps, frames, words) events.
        taken: the same, cycles of the layer that takes them.
        lanes: of a word.
    """
    steps, frames, _ = sent.shape
    marker = np.ones((steps, frames, 1), dtype=np.int64)
    events, cycles = (np.concatenate([one, marker], axis=2).swapaxes(0, 1).reshape(frames, -1) for one in (sent, taken))
    # The marker of the frame is the last to leave.
    events, cycles = events[:, -2::-1], cycles[:, -2::-1]
    in_words = np.cumsum(events > 0, axis=1) <= (2 if lanes > CHUNK else 1)
    others = np.where(in_words, 0, events)
    later = np.cumsum(others, axis=1) - others
    held = np.where(in_words, events, np.clip(_EVENTS_HELD - later, 0, events))
    left = (cycles * held // np.maximum(events, 1)).sum(axis=1)
    under_way: Int64 = np.where((held == events).all(axis=1), _EVERYTHING, left + _RELEASED)[None]
    return under_way


def _encoder_marks(sent: Int64, arrival: Int64) -> Int64:
    """When a unary encoder has sent each time step and its marker, (time steps, frames), on a link that never waits.

    It reads every word with a pixel in each step, one a cycle, as long as fewer than four are under way or wait; one that sends
    nothing costs a cycle only where no earlier one is still being sent.

    Args:
        sent: (time steps, frames, words) events.
        arrival: (words,) cycle from which on a word may be read in the first time step.
    """
    steps, frames, _ = sent.shape
    # The marker of a step is read behind its words and sent like one event.
    sent = np.concatenate([sent, np.ones((steps, frames, 1), dtype=sent.dtype)], axis=2)
    arrival = np.append(arrival, arrival[-1])
    some = np.asarray(sent.any(axis=0))
    read, done = np.full(frames, -1), np.zeros(frames, dtype=np.int64)
    # The cycles in which the words that left last did so, the earliest first.
    gone = np.full((_WORDS_UNDER_WAY, frames), -_WORDS_UNDER_WAY)
    marks = np.zeros((steps, frames), dtype=np.int64)
    for step in range(steps):
        for word, arrived in enumerate(arrival):
            next_read = np.maximum(np.maximum(read + 1, gone[0] + _WORD_READ), arrived if step == 0 else 0)
            fires = sent[step, :, word] > 0
            read = np.where(some[:, word], next_read, read)
            begun = np.maximum(read, done)
            # A word without an event is dropped a cycle before it would be there to be sent.
            left = np.where(fires, begun, np.where(some[:, word], read - 1, gone[0]))
            gone = np.sort(np.concatenate([gone[1:], left[None]]), axis=0)
            done = np.where(fires, begun + sent[step, :, word], done)
        marks[step] = done
    return marks


@dataclass(frozen=True, eq=False)
class _Words:
    """The words that a sender makes of its neurons: neuron (group·lanes + lane)·places + place is in word group·places + place.

    Attributes:
        groups, lanes, places: see above.
        cycle: (words,) in which each word is there.
    """

    groups: int
    lanes: int
    places: int
    cycle: Int64

    @classmethod
    def of_encoder(cls, plan: CorePlan) -> _Words:
        """Words of eight pixels, as they arrive."""
        return cls(plan.beats, PIXELS_A_BEAT, 1, np.arange(plan.beats))

    @classmethod
    def of_layer(cls, layer: LayerPlan) -> _Words:
        """A word a group and cycle; of a map a word for each place of a group, when its window has been scanned."""
        if layer.map is None:
            lanes = layer.channels if layer.unrolled is not None else layer.lanes
            return cls(layer.groups, lanes, 1, np.arange(layer.groups))
        _, rows, columns = layer.map.neurons
        words = layer.map.words
        cycles = (np.arange(words) + 1) * layer.map.scan_cycles // words - 1
        return cls(layer.map.banks.groups, layer.map.banks.lanes, rows * columns, cycles)

    def add(self, values: npt.NDArray[Any]) -> Int64:
        """(time steps, frames, neurons) added by word."""
        missing = self.groups * self.lanes * self.places - values.shape[2]
        padded = np.pad(values, ((0, 0), (0, 0), (0, missing))) if missing else values
        shaped = padded.reshape(*values.shape[:2], self.groups, self.lanes, self.places)
        added: Int64 = shaped.sum(axis=3, dtype=np.int64).reshape(*values.shape[:2], -1)
        return added

    def until(self, cycles: Int64) -> Int64:
        """(time steps, frames): the latest of a word's cycle + cycles from there on."""
        left = np.cumsum(cycles[:, :, ::-1], axis=2)[:, :, ::-1]
        latest: Int64 = np.where(cycles > 0, self.cycle + left, 0).max(axis=2)
        return latest


def _costs(layer: LayerPlan, link: LinkPlan, number: int) -> tuple[Int32, Int32]:
    """(neurons of the source,): cycles of a unit of magnitude, and of an event that reaches nothing."""
    if layer.unrolled is not None:
        return np.zeros(link.map.size, dtype=np.int32), np.ones(link.map.size, dtype=np.int32)
    if layer.map is None:
        costs = np.where(reaching(link), layer.groups, 0)
    else:
        (synapses,) = (synapses for synapses in layer.map.synapses if synapses.link == number)
        costs = synapses.passes().reshape(-1)
    return costs.astype(np.int32), (costs == 0).astype(np.int32)
