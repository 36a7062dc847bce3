"""The price on spikes: what it is, that training with it sends fewer, and that without it nothing changes."""

from pathlib import Path
from typing import Any

import pytest
import torch

from model.data import Dataset, load_dataset
from model.training.activity import SpikePenalty
from model.training.loop import pixel_levels
from model.training.network import QuantisedNetwork
from model.training.step import run_train, trained_network
from tests.model.trained_networks import small_configuration, small_data, small_dataset


def images_of(dataset: Dataset, config: Any) -> torch.Tensor:
    return pixel_levels(dataset.train.images, config.input.bits).flatten(1).float()


def mean_level(network: QuantisedNetwork, levels: torch.Tensor) -> float:
    """Level by its highest one, mean over images and all neurons."""
    with torch.no_grad():
        shares = [(sent.abs() / layer.activation.clip).flatten(1) for layer, sent in network.activations(levels)]
    return float(torch.cat(shares, dim=1).double().mean())


def value(penalty: SpikePenalty) -> float:
    taken = penalty.take()
    assert isinstance(taken, torch.Tensor)
    return float(taken.detach())


@pytest.mark.parametrize("activation, method", [("qcfs", "pascal"), ("signed", "pmsm"), ("leaky", "dual-phase"), ("clip", "opi")])
def test_penalty_is_the_coefficient_times_the_mean_level_of_all_neurons(activation: str, method: str) -> None:
    config = small_configuration(network={"activation": activation, "levels": 3}, conversion={"method": method})
    network = QuantisedNetwork(config, (4, 5), 3)
    network.freeze_statistics()
    levels = images_of(small_dataset(), config)
    with SpikePenalty(network.train().layers(), 0.5) as penalty:
        network(levels)
        heard = value(penalty)
        assert penalty.take() == 0.0
    assert heard == pytest.approx(0.5 * mean_level(network, levels), rel=1e-5)
    assert heard > 0


def test_neurons_of_a_map_count_as_they_are_sent() -> None:
    config = small_configuration(
        network={"hidden": None, "layers": [{"conv": 3, "max_pool": 2}, {"linear": 7}], "levels": 3, "weight_bits": 4}
    )
    network = QuantisedNetwork(config, (4, 5), 3)
    network.freeze_statistics()
    levels = images_of(small_dataset(), config)
    with SpikePenalty(network.train().layers(), 2.0) as penalty:
        network(levels)
        assert value(penalty) == pytest.approx(2.0 * mean_level(network, levels), rel=1e-5)


def test_nothing_is_heard_in_evaluation_and_behind_the_block() -> None:
    config = small_configuration()
    network, levels = QuantisedNetwork(config, (4, 5), 3), images_of(small_dataset(), config)
    with SpikePenalty(network.eval().layers(), 1.0) as penalty:
        network(levels)
        assert penalty.take() == 0.0
    network.train()(levels)
    assert penalty.take() == 0.0


def test_the_gradient_lowers_what_is_sent() -> None:
    config = small_configuration()
    network, levels = QuantisedNetwork(config, (4, 5), 3), images_of(small_dataset(), config)
    network.train()(levels)
    network.freeze_statistics()
    before = mean_level(network, levels)
    optimiser = torch.optim.SGD(network.parameters(), lr=1.0)
    with SpikePenalty(network.train().layers(), 1.0) as penalty:
        for _ in range(20):
            network(levels)
            loss = penalty.take()
            assert isinstance(loss, torch.Tensor)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    assert mean_level(network.eval(), levels) < 0.9 * before


@pytest.mark.parametrize("second_stage", [False, True])
def test_a_higher_penalty_trains_a_network_that_sends_less(tmp_path: Path, second_stage: bool) -> None:
    network: dict[str, Any] = {"adaptive_levels": True} if second_stage else {}
    data = small_data(tmp_path / "data")
    dataset = load_dataset(data / "dataset.npz")
    means = []
    for price in (0.0, 0.3, 3.0):
        config = small_configuration(training={"epochs": 12, "spike_penalty": price}, network=network, fine_tuning={"epochs": 2})
        run_train(config, "cpu", data, tmp_path / str(price))
        means.append(mean_level(trained_network(config, dataset, tmp_path / str(price)), images_of(dataset, config)))
    assert means[0] > means[1] > means[2]
