"""The convert step on trained networks of every activation: calibration is called, codes are chosen, the summary says so."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.base.errors import UserError
from model.base.files import read_json
from model.config import Configuration
from model.conversion import step
from model.conversion.step import run_convert
from model.data import load_dataset
from model.golden import simulate
from model.golden.step import run_golden
from model.integer_network import NeuronMode, load_network
from model.training.step import run_train
from tests.model.trained_networks import small_configuration, small_data


def built(tmp_path: Path, **sections: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], Path]:
    """Train, convert and simulate: convert.json, golden.json and the folder of the convert step."""
    config: Configuration = small_configuration(training={"epochs": 2}, **sections)
    data, train, out, golden = (tmp_path / name for name in ("data", "train", "convert", "golden"))
    small_data(data)
    run_train(config, "cpu", data, train)
    run_convert(config, data, train, out)
    run_golden(config, data, out, golden)
    figures = read_json(out / "convert.json")
    assert figures["comparison"]["mismatches"] == 0
    assert figures["comparison"]["values"] == 36 * (9 + 7 + 3)
    return figures, read_json(golden / "golden.json"), out


EXACT: dict[str, dict[str, Any]] = {
    "adaptive": {
        "network": {"adaptive_levels": True, "levels": 4},
        "fine_tuning": {"epochs": 1},
        "conversion": {"method": "pascal", "code": "count"},
    },
    "other levels": {"conversion": {"method": "parallel", "time_steps": 6}},
    "clip": {"network": {"activation": "clip"}, "conversion": {"method": "parallel", "time_steps": 6, "calibration": "off"}},
    "signed": {"conversion": {"method": "pmsm", "code": ["unary", "bits"]}},
    "asymmetric": {"network": {"lowest_levels": 1}, "conversion": {"method": "pmsm"}},
}


@pytest.mark.parametrize("case", EXACT)
def test_exact_methods_equal_their_ann_spike_by_spike(tmp_path: Path, case: str) -> None:
    figures, verdict, out = built(tmp_path, **EXACT[case])
    assert verdict["comparison_is_verdict"]
    assert verdict["comparison"]["mismatches"] == 0
    assert verdict["accuracy"] == figures["accuracy"]["reference"]
    assert figures["method"] == EXACT[case]["conversion"]["method"]
    assert figures["calibration"] is None
    assert set(figures["codes"]) == {"hidden1", "hidden2"}
    network = load_network(out / "network.safetensors")
    assert [entry["lowest"] for entry in figures["layers"][:-1]] == [layer.neuron.lowest for layer in network.hidden]
    # Rounding is measured against the trained levels where there are any.
    trained_levels = case not in ("other levels", "clip")
    assert set(figures["levels_equal_to_trained"]) == ({"hidden1", "hidden2"} if trained_levels else set())


CAUSAL: dict[str, dict[str, Any]] = {
    "qcfs": {"conversion": {"method": "qcfs", "time_steps": 7}},
    "zero": {"conversion": {"method": "opi", "initial_potential": "zero"}},
    "clip": {"network": {"activation": "clip"}, "conversion": {"method": "opi", "time_steps": 6}},
    "several steps": {"conversion": {"method": "pmsm", "time_steps": 3}},
    "uncalibrated": {
        "network": {"levels": 4},
        "fine_tuning": {"epochs": 1},
        "conversion": {"method": "dual-phase", "calibration": "off"},
    },
}


@pytest.mark.parametrize("case", CAUSAL)
def test_causal_methods_are_measured(tmp_path: Path, case: str) -> None:
    figures, measured, out = built(tmp_path, **CAUSAL[case])
    assert not measured["comparison_is_verdict"]
    assert set(measured["loss_by_layer"]) == {"hidden1", "hidden2", "readout"}
    assert figures["codes"] == {}
    network = load_network(out / "network.safetensors")
    assert {layer.neuron.mode for layer in network.hidden} == {NeuronMode.CAUSAL}
    assert figures["time_steps"] == network.hidden[0].neuron.time_steps


@pytest.mark.parametrize("activation", ["clip", "leaky"])
def test_dual_phase_is_calibrated_before_it_becomes_integers(tmp_path: Path, activation: str) -> None:
    figures, _, out = built(
        tmp_path,
        network={"levels": 4, "activation": activation},
        fine_tuning={"epochs": 1},
        conversion={"method": "dual-phase", "calibration_images": 64},
    )
    assert figures["calibration"]["chosen"] in ("potential", "weights", "potential again")
    network = load_network(out / "network.safetensors")
    neurons = [layer.neuron for layer in network.hidden]
    assert any(not np.array_equal(neuron.offset, neuron.threshold // 2) for neuron in neurons)
    assert {neuron.is_leaky for neuron in neurons} == {activation == "leaky"}
    assert {neuron.time_steps for neuron in neurons} == {4}
    # The state that was judged on validation images is the network that is written.
    chosen = next(phase for phase in figures["calibration"]["phases"] if phase["phase"] == figures["calibration"]["chosen"])
    part = load_dataset(tmp_path / "data" / "dataset.npz").validation
    assert float((simulate(network, part.images).classes == part.labels).mean()) == chosen["validation_accuracy"]


def test_parallel_gets_its_levels_from_an_ordinary_relu_network(tmp_path: Path) -> None:
    figures, verdict, out = built(
        tmp_path,
        network={"activation": "relu"},
        conversion={"method": "parallel", "time_steps": 8, "calibration_images": 64},
    )
    assert verdict["comparison_is_verdict"]
    assert verdict["comparison"]["mismatches"] == 0
    assert figures["calibration"]["levels"] == 8
    assert {layer.neuron.levels for layer in load_network(out / "network.safetensors").hidden} == {8}


def test_codes_are_chosen_on_training_images_and_explained(tmp_path: Path) -> None:
    figures, _, out = built(tmp_path, network={"levels": [15, 5]}, conversion={"code": ["auto", "unary"]})
    network = load_network(out / "network.safetensors")
    for layer, automatic in zip(network.hidden, (True, False), strict=True):
        report = figures["codes"][layer.name]
        assert (report["code"], report["automatic"], report["images"]) == (str(layer.neuron.code), automatic, 96)
        costs = {code: cost["operations"] * cost["passes"] for code, cost in report["candidates"].items()}
        assert set(costs) == {"unary", "bits", "count"}
        assert costs[report["code"]] == min(costs.values()) or not automatic
        assert report["reason"].startswith(f"{layer.name}: {layer.neuron.code} ")
    assert network.hidden[1].neuron.code == "unary"


def test_time_steps_that_do_not_fit_are_refused_before_calibration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small_configuration(
        training={"epochs": 1},
        network={"levels": 4},
        fine_tuning={"epochs": 1},
        conversion={"method": "dual-phase"},
    )
    data, train = small_data(tmp_path / "data"), tmp_path / "train"
    run_train(config, "cpu", data, train)

    def refused(*_: object) -> None:
        raise UserError("too wide")

    def reached(*_: object) -> None:
        raise AssertionError("calibration began")

    monkeypatch.setattr(step, "convert", refused)
    monkeypatch.setattr(step, "dual_phase", reached)
    with pytest.raises(UserError, match=r"^too wide$"):
        run_convert(config, data, train, tmp_path / "convert")
