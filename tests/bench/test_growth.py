"""Cores that differ in one size, lines through what they cost, and a core that differs from golden."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.growth import measure
from bench.growth.cases import BASE, CLASSES, INPUTS, SERIES, SPIKE_RATE, all_cases, network_of, pixels_of
from bench.growth.fit import line_through
from bench.growth.laws import LAWS, row_passes
from model.base.errors import UserError
from model.golden import simulate
from pipeline.campaign.store import Store
from sim.checks import Check, Group
from sim.simulation import Outcome


def test_there_are_twenty_cores_that_differ_in_one_thing_from_the_base() -> None:
    cases = list(all_cases())
    assert len(set(cases)) == len(cases) >= 20
    fields = {"N": {"neurons"}, "P": {"lanes"}, "L": {"levels"}, "T": {"levels", "code"}}
    for name, series in SERIES.items():
        for value, case in series.items():
            different = {field for field, own in case.as_dict().items() if own != BASE.as_dict()[field]}
            assert different <= fields[name]
            assert value in (case.neurons, case.lanes, case.levels)


def test_networks_of_a_series_share_their_weights() -> None:
    small, large = (network_of(replace(BASE, neurons=neurons), 1) for neurons in (16, 32))
    assert np.array_equal(small.layers[0].synapses[0].weights, large.layers[0].synapses[0].weights[:16])
    assert np.array_equal(small.layers[1].synapses[0].weights, large.layers[1].synapses[0].weights[:, :16])
    assert small.layers[0].synapses[0].weights.shape == (16, INPUTS)
    assert small.readout.neuron.neurons == CLASSES
    assert network_of(SERIES["T"][8], 1).hidden[0].neuron.time_steps == 8


def test_frames_have_the_density_that_is_asked_for() -> None:
    pixels = pixels_of(SPIKE_RATE, 1)
    assert pixels.shape == (88, INPUTS)
    lit = (pixels > 0).mean(axis=1).reshape(-1, 11).mean(axis=0)
    assert np.allclose(lit, np.linspace(0, 1, 11), atol=0.06)
    assert lit[0] == 0


def test_line_and_its_largest_residual() -> None:
    line = line_through([0, 1, 2, 3], [5, 7, 9, 11])
    assert (round(line.slope, 9), round(line.start, 9), round(line.largest_residual, 9)) == (2, 5, 0)
    bent = line_through([0, 1, 2], [10, 13, 10])
    assert (round(bent.slope, 9), round(bent.start, 9), round(bent.largest_residual, 9)) == (0, 11, 2)
    assert bent.largest_residual_share == pytest.approx(2 / 13)


def test_what_figures_are_linear_in() -> None:
    amounts = {name: [law["latency"].amount(value) for value in SERIES[name]] for name, law in LAWS.items()}
    assert amounts["N"] == [16, 32, 48, 64, 96, 128]
    assert amounts["P"] == [64, 32, 16, 8, 4, 2]
    assert amounts["L"] == [1, 2, 3, 4, 5, 6]
    assert amounts["T"] == [1, 2, 4, 8, 16, 24]
    assert LAWS["P"]["lut"].amount(8) == 8


def test_row_passes_are_events_of_every_link_times_the_passes_they_take() -> None:
    case = replace(SPIKE_RATE, frames=11)
    golden = simulate(network_of(case, 1), pixels_of(case, 1))
    pixels, levels = (np.count_nonzero(spikes, axis=(0, 2)) for spikes in (golden.input_spikes, golden.layers["hidden1"].spikes))
    assert row_passes(case, 1).tolist() == (8 * pixels + levels).tolist()
    assert pixels[0] == 0 < pixels[10]


def test_core_that_differs_is_no_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = Check("spaced: spikes", Group.VALUES, "hidden1", 1, 9, 1, remark="image 0: expected 1, got 0")

    def simulated(*_arguments: Any, **_options: Any) -> Outcome:
        return Outcome([check], {}, ())

    monkeypatch.setattr(measure, "simulate_core", simulated)
    case = replace(BASE, neurons=4, lanes=2, frames=2)
    with pytest.raises(UserError, match="spaced: spikes"):
        measure.measured(Store(tmp_path), case, 1)
    assert not list((tmp_path / "cores").glob("*/core.json"))
