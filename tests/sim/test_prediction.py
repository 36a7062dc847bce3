"""Predicted cycles against those of the core, frame by frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.golden import load_golden
from sim.core import read_core
from sim.plan import SPACED, STREAMING, Run
from sim.prediction import predicted_cycles
from sim.simulation import Outcome
from tests.sim.cores import FRAMES, SmallCore

RUNS = (Run(SPACED, spaced=True), Run(STREAMING))


@pytest.mark.parametrize("name", ["deferred", "signed", "multi_spike", "causal", "mixed", "map_core"])
def test_latency_and_interval_of_every_frame_are_those_that_the_golden_events_predict(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    small: SmallCore = request.getfixturevalue(name)
    outcome = small.run(small.inputs, tmp_path, RUNS)
    assert outcome.failed == []
    core, golden = read_core(small.inputs.core, small.network), load_golden(small.inputs.golden)
    predicted = predicted_cycles(golden, core, outcome)
    for field, frames in (("latency_cycles", FRAMES), ("interval_cycles", FRAMES - 1)):
        assert (predicted[field]["exact_frames"], predicted[field]["frames"]) == (frames, frames), field
        assert predicted[field]["largest_error_percent"] == predicted[field]["error_of_median_percent"] == 0


def test_a_frame_that_is_alone_takes_as_long_right_after_the_potentials_of_a_map_were_cleared_as_later(
    map_core: SmallCore, tmp_path: Path
) -> None:
    core, golden = read_core(map_core.inputs.core, map_core.network), load_golden(map_core.inputs.golden)
    latency = []
    for processes in (1, 2):
        outcome = map_core.run(map_core.inputs, tmp_path / str(processes), RUNS, processes)
        assert outcome.failed == []
        assert predicted_cycles(golden, core, outcome)["latency_cycles"]["exact_frames"] == FRAMES
        latency.append([cycles for process in outcome.runs[SPACED] for cycles in process["latency"]])
        # Back to back the first frame begins in the second cycle after the reset, and waits.
        for spaced, streaming in zip(outcome.runs[SPACED], outcome.runs[STREAMING], strict=True):
            assert streaming["latency"][0] > spaced["latency"][0]
    assert latency[0] == latency[1]


def test_events_of_other_frames_predict_other_cycles(deferred: SmallCore, tmp_path: Path) -> None:
    outcome = deferred.run(deferred.inputs, tmp_path, RUNS)
    core, golden = read_core(deferred.inputs.core, deferred.network), load_golden(deferred.inputs.golden)
    silent = replace(golden, input_spikes=np.zeros_like(golden.input_spikes))
    predicted = predicted_cycles(silent, core, outcome)
    assert predicted["latency_cycles"]["exact_frames"] < FRAMES
    assert predicted["latency_cycles"]["largest_error_percent"] > 5


def test_without_a_simulation_nothing_is_compared(deferred: SmallCore) -> None:
    core, golden = read_core(deferred.inputs.core, deferred.network), load_golden(deferred.inputs.golden)
    assert predicted_cycles(golden, core, Outcome([], {}, ())) == {"latency_cycles": None, "interval_cycles": None}


def test_frames_that_were_not_measured_are_not_compared(deferred: SmallCore, tmp_path: Path) -> None:
    outcome = deferred.run(deferred.inputs, tmp_path, RUNS[1:])
    core, golden = read_core(deferred.inputs.core, deferred.network), load_golden(deferred.inputs.golden)
    predicted = predicted_cycles(golden, core, outcome)
    assert predicted["latency_cycles"] is None
    assert predicted["interval_cycles"]["frames"] == FRAMES - 1
