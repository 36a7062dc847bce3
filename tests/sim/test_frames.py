"""Frames as the bench plays them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.frames import WRONG, beats_of, draw_sequence, up_to_image, write_frames
from sim.plan import Run, standard_runs

WRONG_RUN = Run("wrong", wrong_lengths=True)


def test_a_beat_holds_eight_pixels_the_first_in_the_lowest_byte() -> None:
    pixels = np.arange(1, 11, dtype=np.uint8).reshape(1, 2, 5)
    words = beats_of(pixels, np.random.default_rng(0))
    assert words.shape == (1, 2, 8)
    assert words[0, 0].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert words[0, 1, :2].tolist() == [9, 10]


def test_a_beat_may_hold_a_whole_frame(tmp_path: Path) -> None:
    pixels = np.arange(1, 11, dtype=np.uint8).reshape(1, 2, 5)
    write_frames(draw_sequence(pixels, Run("plain"), 1, beat_pixels=10), tmp_path / "frames.bin")
    assert (tmp_path / "frames.bin").read_bytes() == bytes([1, *range(10, 0, -1)])


def test_the_file_has_nine_bytes_a_beat_most_significant_first(tmp_path: Path) -> None:
    pixels = np.array([[1, 2, 3, 4, 5, 6, 7, 8], [9, 9, 9, 9, 9, 9, 9, 9]], dtype=np.uint8)
    write_frames(draw_sequence(pixels, Run("plain"), 1), tmp_path / "frames.bin")
    assert (tmp_path / "frames.bin").read_bytes() == bytes([1, 8, 7, 6, 5, 4, 3, 2, 1]) + bytes([1] + 8 * [9])


@given(channels=st.integers(1, 40), images=st.integers(1, 12), seed=st.integers(0, 1000))
def test_wrong_frames_have_another_length_and_stand_between_all_images(channels: int, images: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, size=(images, channels), dtype=np.uint8)
    sequence = draw_sequence(pixels, WRONG_RUN, seed)
    ends = np.flatnonzero(sequence.beats["last"])
    lengths = np.diff(ends, prepend=-1)
    beats = -(-channels // 8)
    assert len(lengths) == len(sequence.images)
    assert sequence.images[sequence.right].tolist() == list(range(images))
    assert (lengths[sequence.right] == beats).all()
    assert (lengths[~sequence.right] != beats).all()
    assert sequence.images[-1] == WRONG


def test_the_run_with_wrong_frames_plays_only_some_images() -> None:
    run = standard_runs(25)[-1]
    sequence = draw_sequence(np.zeros((500, 8), dtype=np.uint8), run, 1)
    assert int(sequence.right.sum()) == run.most_frames == 200


def test_a_sequence_is_cut_after_an_image() -> None:
    sequence = draw_sequence(np.zeros((20, 12), dtype=np.uint8), WRONG_RUN, 3)
    shortened = up_to_image(sequence, 4)
    assert shortened.images[-1] == 4
    assert int(shortened.beats["last"].sum()) == len(shortened.images)
    assert shortened.beats["last"][-1] == 1
    np.testing.assert_array_equal(shortened.beats, sequence.beats[: len(shortened.beats)])


def test_no_images_make_no_beats() -> None:
    sequence = draw_sequence(np.zeros((0, 8), dtype=np.uint8), Run("plain"), 1)
    assert (len(sequence.images), len(sequence.beats)) == (0, 0)


@pytest.mark.parametrize("percent, share", [(0, 0), (25, 16384), (90, 58982)])
def test_shares_of_gaps_are_given_in_65536ths(percent: int, share: int) -> None:
    assert Run("x", gap_percent=percent).gap == share
    assert Run("x", stall_percent=percent).stall == share
