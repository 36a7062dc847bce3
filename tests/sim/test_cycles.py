"""Cycles that a layer worked: waiting for others is not work."""

from __future__ import annotations

import numpy as np

from sim.cycles import working_cycles
from sim.records import LayerMoments


def moments(*frames: tuple[list[int], list[int], list[int]]) -> LayerMoments:
    """Cycle, starved, blocked and both so far, at the first event, the end of arrival and the end of each frame."""
    return LayerMoments(*(np.array(rows, dtype=np.int64) for rows in zip(*frames, strict=True)))


def test_both_ends_count() -> None:
    assert working_cycles(moments(([10, 0, 0, 0], [14, 0, 0, 0], [20, 0, 0, 0])), False).tolist() == [11]


def test_starved_cycles_count_only_while_the_frame_arrives() -> None:
    assert working_cycles(moments(([10, 5, 0, 0], [20, 8, 0, 0], [30, 18, 0, 0])), False).tolist() == [21 - 3]


def test_a_deferred_layer_is_blocked_only_after_the_frame_has_arrived() -> None:
    frame = ([10, 0, 0, 0], [20, 0, 4, 0], [30, 0, 6, 0])
    assert working_cycles(moments(frame), False).tolist() == [21 - 2]
    assert working_cycles(moments(frame), True).tolist() == [21 - 6]


def test_a_cycle_that_is_starved_and_blocked_is_taken_off_once() -> None:
    assert working_cycles(moments(([10, 0, 0, 0], [20, 3, 3, 2], [30, 3, 4, 2])), True).tolist() == [21 - 3 - 4 + 2]


def test_waiting_for_the_frame_before_to_leave_is_no_work() -> None:
    first = ([0, 0, 0, 0], [10, 0, 0, 0], [40, 0, 0, 0])
    second = ([11, 0, 0, 0], [20, 0, 0, 0], [50, 0, 0, 0])
    assert working_cycles(moments(first, second), False).tolist() == [41, 40 - 20]


def test_blocked_cycles_of_the_frame_before_do_not_count_twice() -> None:
    first = ([0, 0, 0, 0], [10, 0, 0, 0], [40, 0, 5, 0])
    second = ([11, 0, 0, 0], [20, 0, 2, 0], [50, 0, 6, 0])
    assert working_cycles(moments(first, second), False).tolist() == [41 - 5, 40 - 20 - 1]


def test_a_layer_that_sends_as_it_receives_starts_when_the_frame_before_has_left() -> None:
    first = ([0, 0, 0, 0], [10, 0, 0, 0], [20, 0, 0, 0])
    second = ([12, 0, 0, 0], [30, 5, 2, 0], [40, 6, 3, 0])
    assert working_cycles(moments(first, second), True).tolist() == [21, 40 - 20 - 5 - 3]


def test_a_frame_that_has_arrived_before_the_last_one_left_was_not_starved_since() -> None:
    first = ([0, 0, 0, 0], [10, 0, 0, 0], [20, 9, 0, 0])
    second = ([12, 0, 0, 0], [18, 7, 0, 0], [40, 9, 3, 0])
    assert working_cycles(moments(first, second), True).tolist() == [21, 40 - 20 - 3]


def test_frames_that_never_ended_have_no_cycles() -> None:
    records = LayerMoments(np.zeros((2, 4), np.int64), np.zeros((1, 4), np.int64), np.zeros((0, 4), np.int64))
    assert working_cycles(records, False).tolist() == []
