"""Frames as the bench plays them: beats of eight pixels or of a whole frame, some frames of a wrong length on purpose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rtl.core_plan import PIXELS_A_BEAT
from sim.plan import Run

Bytes = npt.NDArray[np.uint8]

WRONG = -1
"""Stands for the image of a frame of a wrong length."""

_WRONG_PERCENT = 50


@dataclass(frozen=True, eq=False)
class Sequence:
    """The frames of one run.

    Attributes:
        images: (frames,) index of the image within the job, or ``WRONG``.
        beats: all beats, one after the other, fields ``last`` and ``data``, the pixels of a beat from the last to the first.
    """

    images: npt.NDArray[np.int64]
    beats: npt.NDArray[np.void]

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """(frames,): the frames of the right length."""
        return np.not_equal(self.images, WRONG)


def draw_sequence(pixels: npt.NDArray[np.uint8], run: Run, seed: int, beat_pixels: int = PIXELS_A_BEAT) -> Sequence:
    """The beats of all images of a run.

    Args:
        pixels: (images, …) uint8.
        run: how to play them.
        seed: of the padding and of the wrong frames.
        beat_pixels: pixels of a beat.
    """
    generator = np.random.default_rng(seed)
    images = len(pixels) if not run.most_frames else min(len(pixels), run.most_frames)
    words = beats_of(pixels[:images], generator, beat_pixels)
    frames, order = [], []
    for image in range(images):
        if run.wrong_lengths and generator.integers(100) < _WRONG_PERCENT:
            frames.append(_wrong_frame(words, generator))
            order.append(WRONG)
        frames.append(_with_last(words[image]))
        order.append(image)
    if run.wrong_lengths:
        frames.append(_wrong_frame(words, generator))
        order.append(WRONG)
    beats = np.concatenate(frames) if frames else np.zeros(0, dtype=_beat(beat_pixels))
    return Sequence(np.array(order, dtype=np.int64), beats)


def up_to_image(sequence: Sequence, image: int) -> Sequence:
    """The same frames up to an image."""
    frames = int(np.flatnonzero(sequence.images == image)[0]) + 1
    ends = np.flatnonzero(sequence.beats["last"])
    return Sequence(sequence.images[:frames], sequence.beats[: ends[frames - 1] + 1])


def beats_of(pixels: npt.NDArray[np.uint8], generator: np.random.Generator, beat_pixels: int = PIXELS_A_BEAT) -> Bytes:
    """TDATA of frames, (images, beats, pixels): pixel 0 is the lowest byte; what pads the last beat is random."""
    flat = pixels.reshape(len(pixels), math.prod(pixels.shape[1:]))
    padding = -flat.shape[1] % beat_pixels
    noise = generator.integers(0, 256, size=(len(flat), padding), dtype=np.uint8)
    beats = (flat.shape[1] + padding) // beat_pixels
    return np.concatenate([flat, noise], axis=1).reshape(len(flat), beats, beat_pixels)


def _beat(pixels: int) -> np.dtype[np.void]:
    return np.dtype([("last", "u1"), ("data", "u1", (pixels,))])


def _with_last(words: Bytes) -> npt.NDArray[np.void]:
    frame = np.zeros(len(words), dtype=_beat(words.shape[1]))
    frame["data"] = words[:, ::-1]
    frame["last"][-1] = 1
    return frame


def _wrong_frame(words: Bytes, generator: np.random.Generator) -> npt.NDArray[np.void]:
    """Too short by one beat or more, or too long by one beat or up to a whole frame and one; random pixels."""
    beats = words.shape[1]
    lengths = [beats + 1, beats + int(generator.integers(1, beats + 2))]
    if beats > 1:
        lengths += [1, beats - 1, int(generator.integers(1, beats))]
    length = int(generator.choice(lengths))
    return _with_last(generator.integers(0, 256, size=(length, words.shape[2]), dtype=np.uint8))


def write_frames(sequence: Sequence, path: Path) -> None:
    """Write the file that frame_source plays."""
    path.write_bytes(sequence.beats.tobytes())
