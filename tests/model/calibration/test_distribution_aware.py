"""A network of ReLU becomes one of levels without training."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from model.calibration import distribution_aware as module
from model.calibration import student
from model.calibration.distribution_aware import QUANTILES, distribution_aware
from model.calibration.images import inputs_of
from model.calibration.student import Student, folded_groups, rounded_weights
from model.config import Configuration
from model.conversion.convert import convert
from model.conversion.trained import TrainedNetwork, folded_norm
from model.golden import input_levels
from model.reference import evaluate_reference
from model.training.network import QuantisedNetwork
from tests.model.calibration.small_networks import configuration, network
from tests.model.trained_networks import small_dataset


def _scores(trained: TrainedNetwork, levels: np.ndarray) -> np.ndarray:
    """Of input levels (images, channels), from the numbers as their docstrings define them."""
    unit = 1 / trained.input_levels
    for layer in trained.hidden:
        z = (levels @ layer.weights.T) * layer.gain * unit + layer.bias
        levels = np.clip(np.floor(z / layer.distance + 0.5), layer.lowest, layer.levels)
        unit = layer.unit
    return np.asarray((levels @ trained.readout.weights.T) * trained.readout.scale * unit + trained.readout.bias)


def _ann(built: QuantisedNetwork, images: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return built(torch.from_numpy(images >> 5).flatten(1).float()).numpy()  # type: ignore[no-any-return]


def _levels(images: np.ndarray) -> np.ndarray:
    return (images >> 5).reshape(len(images), -1).astype(np.int64)


def _fine(kind: str) -> tuple[Configuration, QuantisedNetwork]:
    """Wide weights, and all training images to calibrate on."""
    config = configuration("parallel", kind, levels=64, calibration_images=96)
    config = config.model_copy(update={"network": config.network.model_copy(update={"weight_bits": 8})})
    return config, network(config, kind)


def _error(trained: TrainedNetwork, built: QuantisedNetwork) -> float:
    """Largest difference of scores, on calibrated images, as a share of the scores' range."""
    images = small_dataset().train.images
    theirs = _ann(built, images)
    return float(np.abs(_scores(trained, _levels(images)) - theirs).max() / np.ptp(theirs))


@pytest.mark.parametrize("kind", ["relu", "clip"])
def test_many_levels_and_wide_weights_answer_as_the_ann(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUANTILES", (1.0,))
    config, built = _fine(kind)
    trained, report = distribution_aware(config, built, small_dataset(), 64)
    assert _error(trained, built) < 0.05
    assert report["images"] == 96
    assert report["levels"] == 64
    assert report["quantile"] == 1.0


def test_forgotten_amplitudes_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUANTILES", (1.0,))
    monkeypatch.setattr(student, "with_amplitudes", lambda weights, *_: weights)
    config, built = _fine("relu")
    trained, _ = distribution_aware(config, built, small_dataset(), 64)
    assert _error(trained, built) > 0.2


def test_the_integer_network_is_the_student(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUANTILES", (1.0,))
    config = configuration("parallel", "relu", levels=8)
    trained, _ = distribution_aware(config, network(config, "relu"), small_dataset(), 8)
    converted, _ = convert(config, trained, (4, 5))
    images = small_dataset().test.images
    integer = evaluate_reference(converted, input_levels(images, converted.encoder))
    assert np.mean(integer.classes == _scores(trained, _levels(images)).argmax(axis=1)) > 0.9
    assert [layer.levels for layer in trained.hidden] == [8, 8, 8]
    assert {layer.weight_bits for layer in trained.hidden} == {4}
    assert all(np.abs(layer.weights).max() <= 7 for layer in trained.hidden)


def test_batch_norm_is_in_the_weights() -> None:
    config = configuration("parallel", "relu")
    built = network(config, "relu")
    values = inputs_of(small_dataset().train.images, config.input.bits)
    with torch.no_grad():
        layer = built.layers()[0]
        student = Student(built.input_levels, 8)
        (group,), _ = folded_groups(layer, student, 8)
        charge = group.charge(student.inputs(values, built)) + torch.from_numpy(folded_norm(layer)[1])
        assert torch.allclose(charge, layer.pre_activation(values).double(), atol=0.05)


@pytest.mark.parametrize("per_channel", [True, False])
def test_rounding_is_that_of_the_weight_quantiser(per_channel: bool) -> None:
    weights = torch.tensor([[0.7, -0.35, 0.04], [-1.4, 0.1, 0.0]])
    rounded = rounded_weights(weights, 4, per_channel)
    scale = torch.tensor([0.1, 0.2]) if per_channel else torch.tensor([0.2, 0.2])
    assert torch.allclose(rounded.scale, scale)
    assert torch.equal(rounded.integers, torch.round(weights / rounded.scale[:, None]))
    assert rounded.bits == 4


def test_the_quantile_is_chosen_on_validation_images_and_test_images_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCHES", 30)
    config = configuration("parallel", "relu", levels=2)
    dataset = small_dataset()
    built = network(config, "relu")
    trained, report = distribution_aware(config, built, dataset, 2)
    accuracies = report["quantiles"]
    assert list(accuracies) == [str(quantile) for quantile in QUANTILES]
    assert report["quantile"] == next(q for q in QUANTILES if accuracies[str(q)] == max(accuracies.values()))
    classes = _scores(trained, _levels(dataset.validation.images)).argmax(axis=1)
    assert accuracies[str(report["quantile"])] == np.mean(classes == dataset.validation.labels)
    other = replace(dataset, test=replace(dataset.test, images=255 - dataset.test.images))
    assert _same(distribution_aware(config, built, other, 2), (trained, report))


def test_the_same_seed_gives_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCHES", 30)
    config = configuration("parallel", "relu")
    built = network(config, "relu")
    first = distribution_aware(config, built, small_dataset(), 4)
    assert _same(distribution_aware(config, built, small_dataset(), 4), first)
    assert not _same(distribution_aware(config, built, small_dataset(), 3), first)


def _same(one: tuple[TrainedNetwork, dict[str, Any]], other: tuple[TrainedNetwork, dict[str, Any]]) -> bool:
    pairs = zip(one[0].hidden, other[0].hidden, strict=True)
    equal = all(
        np.array_equal(a.weights, b.weights) and np.array_equal(a.bias, b.bias) and np.array_equal(a.distance, b.distance)
        for a, b in pairs
    )
    return equal and one[1] == other[1]
