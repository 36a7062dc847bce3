"""Reading the monitors' records: every event in its place, and what has no place reported."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.records import (
    COUNTER_FIELDS,
    RecordError,
    dense_spikes,
    read_counters,
    read_layer,
    read_link,
    read_packets,
    read_source,
)

END_OF_STEP, END_OF_FRAME, BROKEN, FAULT = 1 << 30, 2 << 30, 3 << 30, 1 << 29


def spike(channel: int, value: int = 1) -> int:
    """The word of a spike: sign in bit 28, magnitude from bit 21 on."""
    return int(value < 0) << 28 | abs(value) << 21 | channel


def write(path: Path, words: list[int], dtype: str = "<u4") -> Path:
    np.array(words, dtype=dtype).tofile(path)
    return path


def test_spikes_come_back_at_their_frame_step_and_channel(tmp_path: Path) -> None:
    words = [spike(4), spike(0), END_OF_STEP, spike(2), END_OF_FRAME, END_OF_STEP, spike(1), END_OF_FRAME]
    link = read_link(write(tmp_path / "link.bin", words))
    dense = dense_spikes(link, slice(0, 2), steps=2, channels=5)
    expected = np.zeros((2, 2, 5), dtype=np.int8)
    expected[0, 0, [0, 4]] = 1
    expected[1, 0, 2] = 1
    expected[1, 1, 1] = 1
    np.testing.assert_array_equal(dense.values, expected)
    assert (dense.stray.tolist(), dense.surplus.tolist()) == ([0, 0], [0, 0])
    assert (link.frames, link.left_over) == (2, 0)
    assert link.markers.tolist() == [2, 2]


def test_a_part_of_the_frames_is_cut_out(tmp_path: Path) -> None:
    words = [spike(0), END_OF_FRAME, spike(1), END_OF_FRAME, spike(2), END_OF_FRAME]
    dense = dense_spikes(read_link(write(tmp_path / "link.bin", words)), slice(1, 3), steps=1, channels=3)
    assert dense.values.tolist() == [[[0, 1, 0], [0, 0, 1]]]


@given(st.lists(st.integers(-64, 64).filter(bool), min_size=1, max_size=9))
def test_sign_and_magnitude_of_every_spike_come_back(values: list[int]) -> None:
    with TemporaryDirectory() as folder:
        words = [spike(channel, value) for channel, value in enumerate(values)]
        link = read_link(write(Path(folder) / "link.bin", [*words, END_OF_FRAME]))
    dense = dense_spikes(link, slice(0, 1), steps=1, channels=len(values))
    assert dense.values.tolist() == [[values]]
    assert (dense.stray.tolist(), dense.surplus.tolist()) == ([0], [0])


def test_a_duplicate_is_added_and_is_surplus(tmp_path: Path) -> None:
    dense = dense_spikes(read_link(write(tmp_path / "link.bin", [spike(3), spike(3), END_OF_FRAME])), slice(0, 1), 1, 4)
    assert dense.values.tolist() == [[[0, 0, 0, 2]]]
    assert dense.surplus.tolist() == [1]


@pytest.mark.parametrize(
    "words, surplus",
    [([spike(0, 2), spike(0, 1)], 1), ([spike(0, 4), spike(0, -1)], 1), ([spike(0, 3), spike(1, 0)], 1), ([spike(0, 3)], 0)],
)
def test_spikes_that_add_up_to_the_right_sum_are_surplus_none_the_less(words: list[int], surplus: int, tmp_path: Path) -> None:
    dense = dense_spikes(read_link(write(tmp_path / "link.bin", [*words, END_OF_FRAME])), slice(0, 1), 1, 2)
    assert dense.values.tolist() == [[[3, 0]]]
    assert dense.surplus.tolist() == [surplus]


def test_spikes_beyond_the_channels_or_the_steps_are_stray(tmp_path: Path) -> None:
    words = [spike(9), END_OF_STEP, spike(0), END_OF_FRAME, END_OF_FRAME]
    dense = dense_spikes(read_link(write(tmp_path / "link.bin", words)), slice(0, 2), steps=1, channels=4)
    assert not dense.values.any()
    assert dense.stray.tolist() == [2, 0]


def test_faults_breaks_and_what_is_left_over_are_told_apart(tmp_path: Path) -> None:
    words = [BROKEN, END_OF_STEP, END_OF_FRAME, END_OF_FRAME | FAULT, 5, END_OF_STEP]
    link = read_link(write(tmp_path / "link.bin", words))
    assert link.broken.tolist() == [1, 0]
    assert link.faults.tolist() == [0, 1]
    assert link.markers.tolist() == [2, 1]
    assert link.left_over == 2


def test_a_link_without_events_has_no_frames(tmp_path: Path) -> None:
    link = read_link(write(tmp_path / "link.bin", []))
    dense = dense_spikes(link, slice(0, 2), steps=1, channels=3)
    assert (link.frames, link.left_over, int(dense.values.sum()), dense.stray.tolist()) == (0, 0, 0, [0, 0])


def result(cycle: int, flags: int, data: int) -> list[int]:
    return [cycle & 0xFFFF_FFFF, cycle >> 32, flags, data & 0xFFFF_FFFF]


def test_packets_are_told_apart_by_their_last_beat(tmp_path: Path) -> None:
    last, user, changed = 1, 2, 4
    words = [*result(5, 0, 2), *result(6, last, -7), *result(2**33, user | last | changed, 0), *result(9, 0, 1)]
    packets = read_packets(write(tmp_path / "results.bin", words), expected_beats=2)
    assert packets.data.tolist() == [[2, -7], [0, 0]]
    assert packets.lengths.tolist() == [2, 1]
    assert packets.users.tolist() == [0, 1]
    assert packets.changed.tolist() == [0, 1]
    assert packets.last_cycles.tolist() == [6, 2**33]
    assert packets.left_over == 1


def test_counters_are_differences_of_48_bit_totals(tmp_path: Path) -> None:
    fields = len(COUNTER_FIELDS)
    totals = np.array([[2**40 + field for field in range(fields)], [2**41 + 2 * field for field in range(fields)]], dtype="<u8")
    of_six_bytes = totals.view(np.uint8).reshape(2, fields, 8)[:, :, :6].reshape(2, -1)
    # The monitor fills up to whole words, with what is of no concern.
    np.concatenate([of_six_bytes, np.full((2, 2), 255, dtype=np.uint8)], axis=1).tofile(tmp_path / "counters.bin")
    counts = read_counters(tmp_path / "counters.bin")
    assert counts.shape == (2, fields)
    assert counts[0].tolist() == [2**40 + field for field in range(fields)]
    assert counts[1].tolist() == [2**40 + field for field in range(fields)]


def test_moments_and_times_keep_their_order(tmp_path: Path) -> None:
    moment = np.dtype([("moment", "<u4"), ("values", "<i8", 4)])
    np.array([(0, (3, 1, 0, 0)), (1, (9, 2, 0, 0)), (2, (12, 2, 4, 1))], dtype=moment).tofile(tmp_path / "layer.bin")
    moments = read_layer(tmp_path / "layer.bin")
    assert [moments.first.tolist(), moments.taken.tolist(), moments.finished.tolist()] == [
        [[3, 1, 0, 0]], [[9, 2, 0, 0]], [[12, 2, 4, 1]],
    ]  # fmt: skip
    first, last = read_source(write(tmp_path / "source.bin", [20, 10, 40, 30], "<u8"))
    assert (first.tolist(), last.tolist()) == ([10, 30], [20, 40])


def test_a_missing_record_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"^link0\.bin: the bench wrote no such record$"):
        read_link(tmp_path / "link0.bin")


def test_a_record_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "link0.bin").write_bytes(b"12345")
    with pytest.raises(RecordError, match=r"^link0\.bin: 5 bytes are no whole number of records of 4$"):
        read_link(tmp_path / "link0.bin")
