"""The records of one run against the expectation: every event, packet, counter and cycle of every frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sim.checks import Check, Group, equal_arrays
from sim.cycles import working_cycles
from sim.expectation import Expectation, LayerExpectation, LinkExpectation
from sim.frames import Sequence
from sim.plan import Run
from sim.records import (
    COUNTER_FIELDS,
    Int64,
    Packets,
    dense_spikes,
    flat_neurons,
    read_counters,
    read_layer,
    read_link,
    read_packets,
    read_source,
)

CLASS = "class"
_FRAMES_AT_ONCE = 250


@dataclass(frozen=True, eq=False)
class Measurements:
    """Of the right frames of one run.

    Attributes:
        classes: (frames,) class in the packet.
        spikes: by source of a link, the spikes that it sent, a multi-spike of k as k.
        latency: (frames,) cycles from the first beat taken to TLAST of the packet, both included.
        interval: (frames − 1,) cycles between the TLASTs of consecutive packets.
        slack: by layer, (frames,) cycles left below the bound; negative where it is broken.
        counts: by layer, (15,) sums of the counters.
    """

    classes: Int64
    spikes: dict[str, int]
    latency: Int64
    interval: Int64
    slack: dict[str, Int64]
    counts: dict[str, Int64]


class RunComparison:
    """Reads the records of a run and compares them; of a netlist there are those of the result stream alone."""

    def __init__(
        self,
        folder: Path,
        run: Run,
        sequence: Sequence,
        expectation: Expectation,
        first_image: int,
        netlist: bool = False,
    ) -> None:
        self._folder = folder
        self._run = run
        self._sequence = sequence
        self._netlist = netlist
        self._group = Group.NETLIST if netlist else Group.VALUES
        self._expectation = expectation
        self._order = np.flatnonzero(sequence.right)
        self._images = sequence.images[sequence.right]
        self._image_of = self._images + first_image
        self._image_of_frame = _nearest_image(sequence) + first_image
        self._spikes: dict[str, int] = {}

    def checks(self) -> list[Check]:
        """All checks of the run, in the order of the data path."""
        expected = self._expectation
        found: list[Check] = []
        if not self._netlist:
            for index, link in enumerate(expected.links):
                found.extend(self._link_checks(index, link))
        packets = read_packets(self._folder / "results.bin", 1 + expected.scores.shape[1])
        found.append(self._values_check(packets))
        found.append(self._packet_check(packets))
        if self._netlist:
            return found
        for index, layer in enumerate(expected.layers):
            found.append(self._counter_check(index, layer))
        found.append(self._cycle_check())
        return found

    def measurements(self) -> Measurements:
        """What was measured; call it after ``checks``."""
        first, _ = read_source(self._folder / "source.bin")
        packets = read_packets(self._folder / "results.bin", 1)
        last = packets.last_cycles
        right = self._order[self._order < min(len(first), len(last))]
        layers = [] if self._netlist else list(enumerate(self._expectation.layers))
        return Measurements(
            classes=self._right_frames(packets.data[:, :1])[:, 0],
            spikes=dict(self._spikes),
            latency=last[right] - first[right] + 1,
            interval=np.diff(last[right]),
            slack={} if self._netlist else {layer.name: slack for layer, slack in self._slacks()},
            counts={
                layer.name: self._right_frames(read_counters(self._folder / f"counters{index}.bin")).sum(axis=0)
                for index, layer in layers
            },
        )

    def _name(self, what: str) -> str:
        return f"{self._run.name}: {what}"

    def _right_frames(self, values: Int64) -> Int64:
        """Rows of the right frames; −1 where there is no such row."""
        padded = np.full((len(self._sequence.images), *values.shape[1:]), -1, dtype=np.int64)
        known = min(len(padded), len(values))
        padded[:known] = values[:known]
        return padded[self._order]

    def _of_images(self, check: Check) -> Check:
        """Frames of a wrong length are looked at as well, but the frames of a verdict are images."""
        return replace(check, frames=len(self._images))

    def _link_checks(self, index: int, expected: LinkExpectation) -> Iterator[Check]:
        """Spikes at every time step; and markers, faults, handshake and whole frames."""
        link = flat_neurons(read_link(self._folder / f"link{index}.bin"), expected.plan)
        steps, _, channels = expected.spikes.shape
        frames = len(self._sequence.images)
        pairs, stray, surplus = [], np.zeros(frames, dtype=np.int64), np.zeros(frames, dtype=np.int64)
        for start in range(0, frames, _FRAMES_AT_ONCE):
            chunk = slice(start, min(start + _FRAMES_AT_ONCE, frames))
            dense = dense_spikes(link, chunk, steps, channels)
            stray[chunk], surplus[chunk] = dense.stray, dense.surplus
            right = self._sequence.right[chunk]
            pairs.append((expected.spikes[:, self._sequence.images[chunk][right]], dense.values[:, right]))
        source = expected.source
        want, got = (np.concatenate(arrays, axis=1) for arrays in zip(*pairs, strict=True))
        self._spikes[source] = int(np.abs(got).sum(dtype=np.int64))
        name, spikes = self._name(f"spikes of {expected.name}"), [(source, want, got)]
        yield equal_arrays(name, Group.VALUES, source, spikes, image_of=self._image_of, run=self._run.name)

        right = self._sequence.right
        of_frames = [_fit(column, frames) for column in (link.markers, link.faults, link.broken)]
        sent = np.stack([*of_frames, stray, surplus], axis=1)
        due = np.zeros_like(sent)
        due[:, 0] = np.where(right, steps, sent[:, 0])
        due[:, 1] = ~right
        # A frame of a wrong length may send any spikes and markers, but whole ones.
        due[:, 3:] = np.where(right[:, None], 0, sent[:, 3:])
        total = (f"{source} frames", np.array([[frames, 0]]), np.array([[link.frames, link.left_over]]))
        pairs_of_link = [total, (f"{source} markers, fault, broken, stray, surplus", due, sent)]
        name = self._name(f"link from {expected.name}")
        yield self._of_images(
            equal_arrays(name, Group.VALUES, source, pairs_of_link, image_of=self._image_of_frame, run=self._run.name)
        )

    def _values_check(self, packets: Packets) -> Check:
        expected = self._expectation
        classes = expected.scores.shape[1]
        data = self._right_frames(packets.data[:, : 1 + classes])
        pairs = [
            (expected.readout, expected.scores[self._images], data[:, 1:]),
            (CLASS, expected.classes[self._images][:, None], data[:, :1]),
        ]
        name = self._name("potentials and class")
        return equal_arrays(name, self._group, expected.readout, pairs, image_of=self._image_of, run=self._run.name)

    def _packet_check(self, packets: Packets) -> Check:
        """Length, TUSER, stability; one packet a frame; class and scores of a wrong frame are 0."""
        frames, right = len(self._sequence.images), self._sequence.right
        beats = 1 + self._expectation.scores.shape[1]
        columns = (packets.lengths, packets.users, packets.changed, np.abs(packets.data).sum(axis=1))
        got = np.stack([_fit(column, frames) for column in columns], axis=1)
        # Scores of right frames are compared elsewhere.
        got[right, 3] = 0
        want = np.zeros_like(got)
        want[:, 0] = beats
        want[:, 1] = np.where(right, 0, beats)
        total = ("packets", np.array([[frames, 0]]), np.array([[len(packets.lengths), packets.left_over]]))
        pairs = [total, ("packet beats, TUSER, changed, values of a wrong frame", want, got)]
        readout = self._expectation.readout
        return self._of_images(
            equal_arrays(self._name("packets"), self._group, readout, pairs, image_of=self._image_of_frame, run=self._run.name)
        )

    def _counter_check(self, index: int, layer: LayerExpectation) -> Check:
        counts = self._right_frames(read_counters(self._folder / f"counters{index}.bin"))
        expected = layer.counts[self._images]
        pairs = [
            (f"{layer.name} {field}", expected[:, [place]], counts[:, [place]]) for place, field in enumerate(COUNTER_FIELDS)
        ]
        name = self._name(f"counters of {layer.name}")
        return equal_arrays(name, Group.COUNTERS, layer.name, pairs, image_of=self._image_of, run=self._run.name)

    def _slacks(self) -> Iterator[tuple[LayerExpectation, Int64]]:
        """Cycles left below the bound, of every right frame that a layer finished."""
        for index, layer in enumerate(self._expectation.layers):
            cycles = working_cycles(read_layer(self._folder / f"layer{index}.bin"), layer.works_while_sending)
            known = self._order < len(cycles)
            yield layer, layer.cycle_bound[self._images[known]] - cycles[self._order[known]]

    def _cycle_check(self) -> Check:
        """No layer takes longer for a frame than its bound."""
        values, violations, remark, image = 0, 0, "", None
        worst = 0
        for layer, slack in self._slacks():
            values += len(self._order)
            broken = np.flatnonzero(slack < 0)
            # A frame that never left has no cycles; it breaks the bound as well.
            violations += len(broken) + len(self._order) - len(slack)
            worst = min([worst, *slack[broken].tolist()])
            if not remark and len(broken):
                image = int(self._image_of[broken[0]])
                bound = int(layer.cycle_bound[self._images[broken[0]]])
                remark = f"rtl: image {image} layer {layer.name}: at most {bound} cycles, took {bound - int(slack[broken[0]])}"
        remark = remark or ("frames without an end" if violations else "")
        return Check(
            self._name("cycles within the bound"), Group.CONDUCT, "", len(self._order), values, violations,
            remark=remark, image=image, run=self._run.name,
        )  # fmt: skip


def _fit(column: npt.NDArray[np.int64], frames: int) -> npt.NDArray[np.int64]:
    """The first ``frames`` values; −1 where there are fewer."""
    padded = np.full(frames, -1, dtype=np.int64)
    padded[: len(column)] = column[:frames]
    return padded


def _nearest_image(sequence: Sequence) -> npt.NDArray[np.int64]:
    """Image of every frame; a wrong frame goes by the right one before it, so that a difference in it can be found."""
    place = np.maximum.accumulate(np.where(sequence.right, np.arange(len(sequence.images)), 0))
    return np.maximum(sequence.images[place], 0)
