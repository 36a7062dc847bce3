"""Phase II of dual-phase conversion from end to end."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from model.calibration.dual_phase import dual_phase, latent_weights
from model.calibration.layerwise import Settings, whole_weights
from model.conversion.convert import convert
from model.conversion.trained import TrainedNetwork, trained_numbers
from model.golden import simulate
from tests.model.calibration.small_networks import LEVELS, configuration, network
from tests.model.trained_networks import small_dataset

FAST = Settings(epochs=6, patience=3, batch=16, learning_rate=0.003)


@pytest.mark.parametrize("kind", ["clip", "leaky"])
def test_phases_and_choice(kind: str) -> None:
    config = configuration("dual-phase", kind)
    dataset = small_dataset()
    calibrated, report = dual_phase(config, network(config, kind, LEVELS), dataset, LEVELS, FAST)
    phases = {phase["phase"]: phase for phase in report["phases"]}
    assert list(phases) == ["start", "potential", "weights", "potential again"]
    assert report["images"] == {"fit": 51, "held_out": 13, "validation": 30}
    assert [layer["layer"] for layer in report["learnt"]] == ["hidden1", "hidden2", "hidden3"]
    states = list(phases)[1:]
    best = max(phases[name]["validation_accuracy"] for name in states)
    assert report["chosen"] == next(name for name in states if phases[name]["validation_accuracy"] == best)
    converted, _ = convert(config, calibrated, dataset.shape)
    accuracy = np.mean(simulate(converted, dataset.validation.images).classes == dataset.validation.labels)
    assert accuracy == best
    for layer in calibrated.hidden:
        assert layer.initial_potential is not None
        assert layer.initial_potential.shape == layer.bias.shape
        assert np.abs(layer.weights).max() <= 7


def test_mean_errors_fall_on_the_images_that_calibrate() -> None:
    """All training images calibrate, and are the validation images here: what is reported is what was worked on."""
    config = configuration("dual-phase", "clip", calibration_images=96)
    dataset = small_dataset()
    dataset = replace(dataset, validation=dataset.train)
    _, report = dual_phase(config, network(config, "clip", LEVELS), dataset, LEVELS, FAST)
    start, potential, *_ = ([layer["mean_error"] for layer in phase["layers"]] for phase in report["phases"])
    assert start[0] < 0.02
    assert sum(start[1:]) > 0.02
    assert sum(potential[1:]) < 0.8 * sum(start[1:])


def test_the_first_layer_of_direct_input_has_nothing_to_learn() -> None:
    config = configuration("dual-phase", "clip")
    built = network(config, "clip", LEVELS)
    calibrated, report = dual_phase(config, built, small_dataset(), LEVELS, FAST)
    assert report["learnt"][0] == {"layer": "hidden1", "best_epoch": 0, "changed_weights": 0.0}
    assert np.array_equal(calibrated.hidden[0].weights, trained_numbers(built).hidden[0].weights)


def test_latent_weights_are_those_of_the_quantiser() -> None:
    config = configuration("dual-phase", "clip")
    built = network(config, "clip", LEVELS)
    for latent, layer in zip(latent_weights(built), trained_numbers(built).hidden, strict=True):
        assert torch.equal(whole_weights(latent, 7), torch.from_numpy(layer.weights).float())
        assert not torch.equal(latent, torch.round(latent))


def test_the_same_seed_gives_the_same_numbers_and_test_images_change_nothing() -> None:
    config = configuration("dual-phase", "clip")
    dataset = small_dataset()
    other = replace(dataset, test=replace(dataset.test, images=255 - dataset.test.images))
    first, again = (dual_phase(config, network(config, "clip", LEVELS), part, LEVELS, FAST) for part in (dataset, other))
    assert first[1] == again[1]
    assert _same(first[0], again[0])


def _same(one: TrainedNetwork, other: TrainedNetwork) -> bool:
    return all(
        np.array_equal(a.weights, b.weights)
        and np.array_equal(a.bias, b.bias)
        and np.array_equal(a.initial_potential, b.initial_potential)  # type: ignore[arg-type]
        for a, b in zip(one.hidden, other.hidden, strict=True)
    )
