"""Axes of the drawings: good points stay apart, far ones are named, labels do not meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from matplotlib.figure import Figure

from pipeline.study.plots.series import accuracy_axis, accuracy_floor, stretched, time_step_ticks
from pipeline.study.table import Row
from pipeline.study.text import Point


def points(accuracies: Sequence[float], variant: str = "opi") -> list[Point]:
    fields: list[dict[str, Any]] = [{"accuracy": accuracy} for accuracy in accuracies]
    rows = [Row.model_construct(**own) for own in fields]
    return [Point(variant, 1 << index, "train", (row,)) for index, row in enumerate(rows)]


def shown(accuracies: Sequence[float]) -> Figure:
    figure = Figure()
    axes = figure.subplots()
    axes.plot(range(len(accuracies)), [stretched(accuracy, 10_000) for accuracy in accuracies])
    accuracy_axis(axes, points(accuracies))
    return figure


def test_the_axis_begins_at_five_times_the_errors_of_the_middle_point() -> None:
    assert accuracy_floor(points([0.15, 0.97, 0.98, 0.98, 0.985])) == pytest.approx(0.9)
    assert accuracy_floor(points([0.1, 0.3, 0.5])) == 0


def test_points_below_the_axis_are_named_with_their_accuracy() -> None:
    axes = shown([0.1485, 0.6539, 0.98, 0.982, 0.983]).axes[0]
    assert [text.get_text() for text in axes.texts] == ["below: opi 14.85 % at T = 1, 65.39 % at T = 2"]
    assert axes.get_ylim()[0] == pytest.approx(stretched(0.9, 10_000))


def test_an_axis_that_shows_all_says_nothing() -> None:
    axes = shown([0.97, 0.98, 0.985]).axes[0]
    assert not axes.texts
    assert axes.get_ylim()[0] <= stretched(0.97, 10_000)


def test_labels_of_time_steps_do_not_meet_and_powers_of_two_come_first() -> None:
    assert time_step_ticks([1, 2, 4, 8, 15, 16, 32]) == [1, 2, 4, 8, 16, 32]
    assert time_step_ticks([3, 15]) == [3, 15]
    assert time_step_ticks([1, 3, 6, 7]) == [1, 3, 6]
