"""Records of the bench's monitors: compact binary files, read once per run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.golden.encoding import SpikeArray
from rtl.engine_counts import ENGINE_COUNT_FIELDS
from rtl.link_plan import LinkPlan

Int64 = npt.NDArray[np.int64]

NETWORK_FIELDS = (
    "input_events", "input_spikes", "accumulates", "doublings", "bias_adds", "charge_adds", "compares", "resets",
    "spikes", "events",
)  # fmt: skip
"""Counters that depend on the network and the data alone."""
COUNTER_FIELDS = (*NETWORK_FIELDS, *ENGINE_COUNT_FIELDS)
_COUNTER_BYTES = 6
_CHANNEL_BITS, _SIGN_BIT = 21, 28

_SPIKE, _END_OF_STEP, _END_OF_FRAME, _BROKEN = range(4)
_RESULT = np.dtype([("cycle", "<u8"), ("flags", "<u4"), ("data", "<i4")])
_MOMENT = np.dtype([("moment", "<u4"), ("cycle", "<i8"), ("starved", "<i8"), ("blocked", "<i8"), ("both", "<i8")])


class RecordError(Exception):
    """A record file is missing or cut off, so that nothing can be said about the run."""


def _read(path: Path, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    size = np.dtype(dtype).itemsize
    if not path.is_file():
        raise RecordError(f"{path.name}: the bench wrote no such record")
    if path.stat().st_size % size:
        raise RecordError(f"{path.name}: {path.stat().st_size} bytes are no whole number of records of {size}")
    return np.fromfile(path, dtype=dtype)


@dataclass(frozen=True, eq=False)
class LinkEvents:
    """All transfers of one link in order.

    Attributes:
        frame: (events,) number of the frame, by the end-of-frame markers before it.
        step: (events,) number of the time step, by the markers of its frame before it.
        channel: (events,), of spikes: {row, column, channel}, of a source without a map the channel.
        value: (events,), of spikes: the magnitude with its sign.
        is_spike: (events,).
        markers: (frames,) markers of each complete frame, its end of frame included.
        faults: (frames,) fault flag of each complete frame.
        broken: (frames,) breaks of the handshake in each complete frame.
        left_over: events after the last end of frame.
    """

    frame: Int64
    step: Int64
    channel: Int64
    value: Int64
    is_spike: npt.NDArray[np.bool_]
    markers: Int64
    faults: Int64
    broken: Int64
    left_over: int

    @property
    def frames(self) -> int:
        """Complete frames."""
        return len(self.markers)


def read_link(path: Path) -> LinkEvents:
    """Read what link_monitor wrote."""
    words = _read(path, "<u4").astype(np.int64)
    kind = words >> 30
    magnitude = (words >> _CHANNEL_BITS) & ((1 << (_SIGN_BIT - _CHANNEL_BITS)) - 1)
    is_end = kind == _END_OF_FRAME
    is_marker = is_end | (kind == _END_OF_STEP)
    frame = np.cumsum(is_end) - is_end
    frames = int(is_end.sum())
    markers_before = np.cumsum(is_marker) - is_marker
    first_event = np.searchsorted(frame, np.arange(frames + 1))
    base = markers_before[np.minimum(first_event, max(len(words) - 1, 0))] if len(words) else np.zeros(1, dtype=np.int64)
    return LinkEvents(
        frame=frame,
        step=markers_before - base[frame] if len(words) else markers_before,
        channel=words & ((1 << _CHANNEL_BITS) - 1),
        value=np.where((words >> _SIGN_BIT) & 1, -magnitude, magnitude),
        is_spike=kind == _SPIKE,
        markers=np.bincount(frame[is_marker], minlength=frames)[:frames],
        faults=(words[is_end] >> 29) & 1,
        broken=np.bincount(frame[kind == _BROKEN], minlength=frames)[:frames],
        left_over=int((frame == frames).sum()),
    )


def flat_neurons(link: LinkEvents, plan: LinkPlan) -> LinkEvents:
    """The same events with the number of the neuron, flattened channel by channel, in place of its address.

    It is −1 where an address is none of the map.
    """
    if not plan.is_map:
        return link
    channel = link.channel & ((1 << plan.channel_bits) - 1)
    column = (link.channel >> plan.channel_bits) & ((1 << plan.column_bits) - 1)
    row = link.channel >> plan.channel_bits + plan.column_bits
    exists = (channel < plan.map.channels) & (row < plan.map.rows) & (column < plan.map.columns)
    return replace(link, channel=np.where(exists, (channel * plan.map.rows + row) * plan.map.columns + column, -1))


@dataclass(frozen=True, eq=False)
class DenseSpikes:
    """Spikes of some frames in their places.

    Attributes:
        values: (steps, frames, channels): the sum of the values sent there, held within −128..127.
        stray: (frames,) spikes beyond the steps or the channels.
        surplus: (frames,) spikes in a place that another one has already, and spikes of magnitude 0.
    """

    values: SpikeArray
    stray: Int64
    surplus: Int64


def dense_spikes(link: LinkEvents, frames: slice, steps: int, channels: int) -> DenseSpikes:
    """Spikes of some frames of a link; where none is stray and none surplus, ``values`` says all about them."""
    first, count = frames.start, frames.stop - frames.start
    low, high = np.searchsorted(link.frame, [first, frames.stop])
    spikes = np.flatnonzero(link.is_spike[low:high]) + low
    frame, step, channel, value = link.frame[spikes] - first, link.step[spikes], link.channel[spikes], link.value[spikes]
    fits = (step < steps) & (channel >= 0) & (channel < channels)
    stray = np.bincount(frame[~fits], minlength=count)
    flat = ((step * count + frame) * channels + channel)[fits]
    sums = np.bincount(flat, weights=value[fits], minlength=steps * count * channels)
    values = np.clip(sums, -128, 127).astype(np.int8).reshape(steps, count, channels)
    sent = np.bincount(flat, minlength=values.size).reshape(values.shape)
    surplus = np.maximum(sent - 1, 0).sum(axis=(0, 2)) + np.bincount(frame[value == 0], minlength=count)
    return DenseSpikes(values, stray, surplus)


@dataclass(frozen=True, eq=False)
class Packets:
    """Result packets in order.

    Attributes:
        data: (packets, beats of the longest or of an expected packet) int64, 0 where there was no beat.
        lengths: (packets,) beats.
        users: (packets,) beats with TUSER.
        changed: (packets,) beats that changed or vanished before they were taken.
        last_cycles: (packets,) cycle of TLAST.
        left_over: beats after the last TLAST.
    """

    data: Int64
    lengths: Int64
    users: Int64
    changed: Int64
    last_cycles: Int64
    left_over: int


def read_packets(path: Path, expected_beats: int) -> Packets:
    """Read what result_sink wrote."""
    beats = _read(path, _RESULT)
    flags = beats["flags"].astype(np.int64)
    is_last = (flags & 1) == 1
    count = int(is_last.sum())
    packet = np.cumsum(is_last) - is_last
    complete = packet < count
    lengths = np.bincount(packet[complete], minlength=count)
    starts = np.cumsum(lengths) - lengths
    place = np.arange(len(beats))[complete] - starts[packet[complete]]
    data = np.zeros((count, max(expected_beats, int(lengths.max(initial=0)))), dtype=np.int64)
    data[packet[complete], place] = beats["data"][complete]
    return Packets(
        data=data,
        lengths=lengths,
        users=np.bincount(packet[complete], weights=(flags[complete] >> 1) & 1, minlength=count).astype(np.int64),
        changed=np.bincount(packet[complete], weights=(flags[complete] >> 2) & 1, minlength=count).astype(np.int64),
        last_cycles=beats["cycle"][is_last].astype(np.int64),
        left_over=int((~complete).sum()),
    )


def read_source(path: Path) -> tuple[Int64, Int64]:
    """Cycles in which the first and the last beat of each frame were taken."""
    times = _read(path, np.dtype([("last", "<i8"), ("first", "<i8")]))
    return times["first"], times["last"]


def read_counters(path: Path) -> Int64:
    """Counts of each frame, (frames, 15): differences of the running totals that counter_monitor wrote."""
    fields, size = len(COUNTER_FIELDS), len(COUNTER_FIELDS) * _COUNTER_BYTES
    raw = _read(path, np.dtype(("u1", size + -size % 4))).reshape(-1, size + -size % 4)
    totals = np.zeros((len(raw), fields, 8), dtype=np.uint8)
    totals[:, :, :_COUNTER_BYTES] = raw[:, :size].reshape(-1, fields, _COUNTER_BYTES)
    return np.diff(totals.view("<i8")[:, :, 0], axis=0, prepend=0)


@dataclass(frozen=True, eq=False)
class LayerMoments:
    """First event taken, end of frame taken, frame finished: (frames, 4) each, cycle, starved, blocked, both so far."""

    first: Int64
    taken: Int64
    finished: Int64


def read_layer(path: Path) -> LayerMoments:
    """Read what layer_monitor wrote."""
    records = _read(path, _MOMENT)
    values = np.stack([records[field] for field in ("cycle", "starved", "blocked", "both")], axis=1)
    return LayerMoments(*(values[records["moment"] == moment] for moment in range(3)))
