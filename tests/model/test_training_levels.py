"""The AL metric on examples worked out by hand, and the rule that chooses levels by it."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.training import adaptive_levels
from model.training.adaptive_levels import choose_levels, layer_metrics
from model.training.al_metric import al_metric, al_of_counts
from model.training.loop import pixel_levels
from model.training.network import QuantisedNetwork, predict
from tests.model.trained_networks import small_configuration, small_dataset


@pytest.mark.parametrize(
    "counts, expected",
    [
        # All equal: five valid bins, A = 0.
        ([4, 4, 4, 4, 4], 0.0),
        # One valid bin, A = 1. Mean 2, deviations 8 and four of −2: variance 80/5 = 16, third moment (512 − 32)/5 = 96,
        # g = 96/64 = 1.5; fourth (4096 + 64)/5 = 832, κ = 832/256 − 3 = 0.25. (2.25 + 1)·(0.25 + 12.5) = 41.4375.
        ([10, 0, 0, 0, 0], 41.4375),
        # Two valid bins, A = 3/4. Mean 2, deviations 3, 3, −2, −2, −2: variance 30/5 = 6, third (54 − 24)/5 = 6,
        # g² = 36/216 = 1/6; fourth (162 + 48)/5 = 42, κ = 42/36 − 3 = −11/6. 3/4·(7/6)·(−11/6 + 25/2) = 7/8·32/3 = 28/3.
        ([5, 5, 0, 0, 0], 28 / 3),
        # A bin with exactly its share, 4 of 20 in five bins, is valid: A = 1 − 2/4. Mean 4, deviations 4, 0, 0, −2, −2:
        # variance 24/5, third (64 − 16)/5 = 48/5, g² = (48/5)²/(24/5)³ = 2304·5/13824 = 5/6; fourth (256 + 32)/5 = 288/5,
        # κ = (288/5)/(576/25) − 3 = 2.5 − 3. 1/2·(11/6)·(−1/2 + 25/2) = 11.
        ([8, 4, 4, 2, 2], 11.0),
        # Four bins: the last factor is 3·16/(2·1) = 24. One valid bin: mean 2, deviations 6, −2, −2, −2: variance 48/4 = 12,
        # third (216 − 24)/4 = 48, g² = 2304/1728 = 4/3; fourth (1296 + 48)/4 = 336, κ = 336/144 − 3 = −2/3. (7/3)·(70/3).
        ([8, 0, 0, 0], 490 / 9),
    ],
)
def test_al_of_counts_worked_out_by_hand(counts: list[int], expected: float) -> None:
    assert al_of_counts(np.array(counts)) == pytest.approx(expected, abs=1e-12)


def test_the_last_factor_multiplies() -> None:
    """The textbook's coefficient divides by it and would be (1.5² + 1)/(0.25 + 3·4²/(3·2)) = 0.39 here."""
    assert al_of_counts(np.array([10, 0, 0, 0, 0])) > 41


def test_bins_cover_the_range_of_the_outputs() -> None:
    outputs = np.array([[0.0, 0.0, 0.1, 0.9], [0.0, 2.0, 1.9, 1.0]])  # bins of 0.4: 4, 0, 2, 0, 2
    assert al_metric(outputs) == al_of_counts(np.array([4, 0, 2, 0, 2]))
    assert al_metric(7 * outputs + 1) == al_metric(outputs)


def test_few_bins_are_refused() -> None:
    with pytest.raises(ValueError, match="3 bins: the AL metric needs at least 4"):
        al_of_counts(np.array([1, 2, 3]))


@given(counts=st.lists(st.integers(0, 1000), min_size=4, max_size=9), order=st.randoms())
def test_al_does_not_depend_on_the_order_of_the_bins(counts: list[int], order: Any) -> None:
    shuffled = [*counts]
    order.shuffle(shuffled)
    assert al_of_counts(np.array(shuffled)) == pytest.approx(al_of_counts(np.array(counts)), rel=1e-9, abs=1e-9)


def network_of(levels: list[int]) -> tuple[Any, QuantisedNetwork]:
    torch.manual_seed(0)
    config = small_configuration(network={"levels": levels, "adaptive_levels": True})
    return config, QuantisedNetwork(config, (4, 5), 3).eval()


def test_metrics_are_those_of_the_layers_outputs() -> None:
    _, network = network_of([3, 5])
    images = pixel_levels(small_dataset().validation.images, 3).flatten(1)
    with torch.no_grad():
        first = network.hidden[0](images.float() / 7)
        second = network.hidden[1](first)
    assert layer_metrics(network, images) == [al_metric(first.numpy()), al_metric(second.numpy())]


def test_without_a_bound_every_layer_gives_up_all_but_one_level(monkeypatch: pytest.MonkeyPatch) -> None:
    config, network = network_of([7, 5])
    monkeypatch.setattr(adaptive_levels, "BOUND", 1.0)
    found = choose_levels(config, small_dataset(), network)
    assert found["levels"] == [1, 1]
    assert sorted((step["layer"], step["levels"]) for step in found["tried"]) == [(0, 1), (0, 2), (0, 4), (1, 1), (1, 2), (1, 3)]
    order = list(dict.fromkeys(step["layer"] for step in found["tried"]))
    assert order == sorted(order, key=lambda layer: -found["metrics"][layer])


def test_what_can_never_be_reached_leaves_the_levels_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    config, network = network_of([7, 5])
    monkeypatch.setattr(adaptive_levels, "BOUND", -1.1)
    found = choose_levels(config, small_dataset(), network)
    assert found["levels"] == [7, 5]
    assert [step["accepted"] for step in found["tried"]] == [False, False]


@pytest.mark.parametrize("bound", [0.0, 0.05, 0.2])
def test_accepted_levels_are_within_the_bound_on_the_validation_part(monkeypatch: pytest.MonkeyPatch, bound: float) -> None:
    config, network = network_of([7, 5])
    monkeypatch.setattr(adaptive_levels, "BOUND", bound)
    data = small_dataset()
    found = choose_levels(config, data, network)
    images = pixel_levels(data.validation.images, 3).flatten(1)

    def accuracy(levels: list[int]) -> float:
        return float((predict(network.with_levels(levels), images).numpy() == data.validation.labels).mean())

    assert accuracy(found["levels"]) >= accuracy([7, 5]) - bound - 1e-9
    assert found["bound"] == bound
