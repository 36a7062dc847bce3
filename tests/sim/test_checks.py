"""Checks: nothing compared is no proof, and the first difference is the one to look at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from junitparser import JUnitXml

from model.compare import Difference
from sim.checks import Check, Group, equal_arrays, load_check, merge_checks, verdict
from sim.junit import write_results


def check(name: str = "a", mismatches: int = 0, image: int | None = None, **changes: object) -> Check:
    first = Difference("rtl", image, "hidden1", 0, 2, 1, 0) if image is not None else None
    values: dict[str, object] = {"group": Group.VALUES, "layer": "hidden1", "frames": 5, "values": 50}
    values |= {"name": name, "mismatches": mismatches, "first": first, "image": image} | changes
    return Check(**values)  # type: ignore[arg-type]


def test_equal_arrays_pass_and_say_how_much_was_compared() -> None:
    array = np.arange(12).reshape(4, 3)
    result = equal_arrays("x", Group.VALUES, "hidden1", [("hidden1", array, array)], image_of=np.arange(4))
    assert result.passed
    assert result.detail == "12 values of 4 frames equal"


def test_the_first_difference_names_the_image_of_the_frame() -> None:
    expected = np.zeros((2, 3, 4), dtype=np.uint8)
    got = expected.copy()
    got[1, 2, 3] = 1
    pairs = [("hidden1", expected, got)]
    result = equal_arrays("x", Group.VALUES, "hidden1", pairs, image_of=np.array([10, 11, 17]))
    assert result.detail == "1 of 24 values differ, first rtl: image 17 layer hidden1 time step 1 neuron 3: expected 0, got 1"
    assert result.image == 17


def test_a_check_that_compared_nothing_has_failed() -> None:
    nothing = check(values=0)
    assert not nothing.passed
    assert nothing.detail == "nothing was compared"


def test_merging_adds_up_and_keeps_the_lowest_image() -> None:
    merged = merge_checks([check(mismatches=2, image=9), check(mismatches=1, image=4), check("b")])
    assert [(one.name, one.frames, one.values, one.mismatches, one.image) for one in merged] == [
        ("a", 10, 100, 3, 4),
        ("b", 5, 50, 0, None),
    ]


def test_a_process_that_compared_nothing_does_not_hide_behind_another() -> None:
    (merged,) = merge_checks([check(), check(values=0)])
    assert not merged.passed


def test_a_verdict_counts_a_check_without_values_as_a_mismatch() -> None:
    assert verdict([check(), check("b", values=0)], Group.VALUES).mismatches == 1
    assert not verdict([], Group.VALUES).equal


def test_a_verdict_names_the_earliest_layer_of_the_earliest_image() -> None:
    later = Difference("rtl", 3, "hidden2", 0, 0, 1, 0)
    checks = [
        check("input", layer="input"),
        check("one", 1, image=3),
        check("two", 1, layer="hidden2", first=later, image=3),
        check("counters", 5, image=0, group=Group.COUNTERS),
    ]
    result = verdict(checks, Group.VALUES)
    assert result.first is not None
    assert (result.first.image, result.first.layer) == (3, "hidden1")
    assert result.by_layer == {"input": 0, "hidden1": 1, "hidden2": 1}


def test_a_check_survives_json() -> None:
    one = check(mismatches=1, image=3)
    assert load_check(one.as_dict()) == one


def test_junit_has_one_case_a_check_and_says_what_failed(tmp_path: Path) -> None:
    write_results([check(), check("b", 1, image=3)], tmp_path / "results.xml")
    (suite,) = JUnitXml.fromfile(str(tmp_path / "results.xml"))
    assert (suite.tests, suite.failures) == (2, 1)
    failed = [case for case in suite if case.result]
    assert [case.name for case in failed] == ["b"]
    assert failed[0].result[0].message == check("b", 1, image=3).detail
