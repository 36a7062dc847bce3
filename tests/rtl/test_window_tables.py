"""What events reach and what a scan reads, against the definition of a convolution."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from model.integer_network import Window
from rtl.window_tables import axis_of, reach, scan_of

LENGTHS, SIZES, STRIDES = st.integers(1, 12), st.integers(1, 5), st.integers(1, 3)


@given(LENGTHS, st.integers(1, 3), SIZES, STRIDES, st.integers(0, 4), st.integers(1, 5))
def test_the_passes_of_a_position_reach_what_the_convolution_says(
    length: int, pooling: int, size: int, stride: int, padding: int, banks: int
) -> None:
    assume(padding < size)
    outputs = (length // pooling + 2 * padding - size) // stride + 1
    assume(outputs > 0)
    banks = min(banks, outputs)
    axis = axis_of(length, pooling, size, stride, padding, outputs, banks)
    for position, passes in enumerate(axis.passes):
        inside = position < length // pooling * pooling
        places = [(output, position // pooling + padding - output * stride) for output in range(outputs)]
        expected = sorted((output, place) for output, place in places if inside and 0 <= place < size)
        reached = [
            (word * banks + bank, axis.turns[one.turn][bank])
            for one in passes
            for bank, word in enumerate(one.words)
            if word is not None
        ]
        assert sorted(reached, key=lambda pair: pair[0]) == expected


@given(LENGTHS, SIZES, STRIDES, st.integers(0, 4))
def test_banks_for_all_that_a_position_reaches_make_one_pass(length: int, size: int, stride: int, padding: int) -> None:
    assume(padding < size)
    outputs = (length + 2 * padding - size) // stride + 1
    assume(outputs > 0)
    axis = axis_of(length, 1, size, stride, padding, outputs, min(reach(size, stride), outputs))
    assert axis.most_passes == 1


@given(LENGTHS, SIZES, STRIDES, st.integers(0, 4), st.integers(1, 3))
def test_a_scan_reads_every_window_and_clears_what_it_read_once(
    outputs: int, size: int, stride: int, padding: int, banks: int
) -> None:
    assume(padding < size)
    window = Window((size, 1), (stride, 1), (padding, 0))
    neurons = window.positions(outputs, 1)[0]
    assume(neurons > 0)
    entries = scan_of(outputs, neurons, banks, window, 0)
    windows: list[list[int]] = [[]]
    cleared: list[int] = []
    for entry in entries:
        place = entry.word * banks + entry.bank
        assert place not in cleared
        windows[-1].append(place)
        cleared += [place] * entry.clears
        if entry.ends_window:
            windows.append([])
    covered = [np.arange(number * stride - padding, number * stride - padding + size) for number in range(neurons)]
    assert windows[:-1] == [[int(place) for place in places if 0 <= place < outputs] for places in covered]
    assert sorted(cleared) == sorted({place for places in windows for place in places})
