"""The signed quantiser starts where its levels are occupied most evenly."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.training.entropy import CANDIDATES, clip_of_most_entropy, occupancy_entropy, start_at_most_entropy
from model.training.network import QuantisedNetwork
from tests.model.trained_networks import small_configuration


def entropy_by_counting(values: np.ndarray, clip: float, levels: int, lowest: int) -> float:
    # Level m begins at (m − 1/2)·λ/L.
    begins = (np.arange(lowest + 1, levels + 1) - 0.5) * (clip / levels)
    _, counts = np.unique((values[:, None] >= begins).sum(axis=1), return_counts=True)
    share = counts / len(values)
    return float(-(share * np.log2(share)).sum())


@pytest.mark.parametrize(
    "values, clip, levels, lowest, expected",
    [
        ([-2.0, -1.0, 0.0, 1.0], 1.0, 1, -1, 1.5),  # levels −1, −1, 0, 1
        ([-1.0, 0.0, 1.0], 1.0, 1, -1, np.log2(3)),
        ([0.0, 0.1, 0.2], 1.0, 1, -1, 0.0),
        ([0.49, 0.5, 1.49, 1.5], 2.0, 2, 0, 1.5),  # 0, 1, 1, 2
        ([-5.0, 5.0], 1.0, 1, 0, 1.0),
    ],
)
def test_entropy_of_the_levels(values: list[float], clip: float, levels: int, lowest: int, expected: float) -> None:
    in_order = torch.tensor(values, dtype=torch.float64)
    assert occupancy_entropy(in_order, clip, levels, lowest) == pytest.approx(expected)


@given(seed=st.integers(0, 1000), levels=st.integers(1, 9), lowest=st.integers(-9, 0), spread=st.floats(0.01, 100))
def test_no_candidate_has_more_entropy(seed: int, levels: int, lowest: int, spread: float) -> None:
    values = np.random.default_rng(seed).normal(0.3 * spread, spread, 200)
    chosen = clip_of_most_entropy(torch.from_numpy(values), levels, lowest)
    deviation = float(torch.from_numpy(values).std(correction=0))
    entropies = [entropy_by_counting(values, factor * deviation, levels, lowest) for factor in CANDIDATES]
    assert entropy_by_counting(values, chosen, levels, lowest) == pytest.approx(max(entropies), abs=1e-9)


def test_three_levels_of_a_normal_distribution_are_thirds() -> None:
    """A third of a normal distribution lies above 0.43 deviations, which is half a λ of 0.86."""
    values = torch.randn(100_000, generator=torch.Generator().manual_seed(0))
    assert clip_of_most_entropy(values, 1, -1) == pytest.approx(0.86, abs=0.03)


def test_values_that_are_all_the_same_give_a_clip_all_the_same() -> None:
    assert clip_of_most_entropy(torch.zeros(10), 3, -3) == 1


def test_every_layer_starts_with_the_most_entropy_on_its_own_pre_activations() -> None:
    torch.manual_seed(0)
    config = small_configuration(network={"activation": "signed", "lowest_levels": 2}, conversion={"method": "pmsm"})
    network = QuantisedNetwork(config, (4, 5), 3)
    images = torch.randint(0, 8, (60, 20))
    clips = start_at_most_entropy(network, images)
    layers: list[Any] = [*network.hidden]
    assert [layer.activation.clip for layer in layers] == pytest.approx(clips)
    with torch.no_grad():
        before = layers[1].pre_activation(layers[0](images.float() / 7))
    assert clip_of_most_entropy(before, 5, -2) == pytest.approx(clips[1], rel=1e-5)
