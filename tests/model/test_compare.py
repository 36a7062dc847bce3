"""Comparisons between stages: what counts, what is named first, and what is no verdict."""

import numpy as np
import pytest

from model.compare import Comparer


def test_equal_arrays_are_equal_and_counted() -> None:
    comparer = Comparer("a_vs_b")
    comparer.add("hidden1", np.ones((3, 4, 2)), np.ones((3, 4, 2)))
    comparer.add("readout", np.ones((4, 5)), np.ones((4, 5)))
    result = comparer.result()
    assert result.equal
    assert result.as_dict() == {
        "frames": 4,
        "values": 44,
        "mismatches": 0,
        "by_layer": {"hidden1": 0, "readout": 0},
        "first": None,
    }


def test_nothing_compared_is_not_equal() -> None:
    assert not Comparer("a_vs_b").result().equal
    comparer = Comparer("a_vs_b")
    comparer.add("readout", np.empty((0, 10)), np.empty((0, 10)))
    assert not comparer.result().equal


def test_the_first_difference_is_the_earliest_image_then_time_step() -> None:
    expected = np.zeros((3, 4, 2), dtype=np.uint8)
    got = expected.copy()
    got[0, 3, 0] = got[2, 1, 1] = got[1, 2, 0] = 1
    comparer = Comparer("golden_vs_rtl", first_image=100)
    comparer.add("hidden1", expected, got)
    result = comparer.result()
    assert not result.equal
    assert result.mismatches == 3
    assert str(result.first) == "golden_vs_rtl: image 101 layer hidden1 time step 2 neuron 1: expected 0, got 1"


def test_the_first_difference_stays_in_the_earliest_layer() -> None:
    comparer = Comparer("a_vs_b")
    comparer.add("hidden1", np.array([[1, 2]]), np.array([[1, 3]]))
    comparer.add("readout", np.array([[7]]), np.array([[-7]]))
    result = comparer.result()
    assert result.by_layer == {"hidden1": 1, "readout": 1}
    assert str(result.first) == "a_vs_b: image 0 layer hidden1 neuron 1: expected 2, got 3"


def test_arrays_of_different_shapes_are_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match=r"^a_vs_b: layer readout has shape \(2, 9\); expected \(2, 10\)$"):
        Comparer("a_vs_b").add("readout", np.zeros((2, 10)), np.zeros((2, 9)))


def test_one_more_layer_name_adds_to_its_mismatches() -> None:
    comparer = Comparer("a_vs_b")
    for start in (0, 1):
        comparer.add("hidden1", np.array([[0, 0]]), np.array([[start, 1]]))
    assert comparer.result().by_layer == {"hidden1": 3}
