"""Weights that are left out: as many as asked for, the smallest, in every network that can be selected, also if interrupted."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.conversion.resolve import sparsity_by_layer
from model.training import loop
from model.training.checkpoint import TrainingState, read_checkpoint, save_checkpoint
from model.training.network import QuantisedNetwork
from model.training.sparsity import Pruning, Ramp
from model.training.step import CHECKPOINT, FINE_TUNED, run_train
from tests.model.test_training import equal
from tests.model.trained_networks import small_configuration, small_data

LAYERS = ("hidden.0.linear.weight", "hidden.1.linear.weight", "readout.weight")


def trained(tmp_path: Path, name: str = "train", **sections: dict[str, Any]) -> TrainingState:
    run_train(small_configuration(**sections), "cpu", small_data(tmp_path / "data"), tmp_path / name)
    return read_checkpoint(tmp_path / name / CHECKPOINT)


def zeros(network: dict[str, Any]) -> list[int]:
    return [int((network[name] == 0).sum()) for name in LAYERS]


def share_of(sparsity: list[float]) -> list[int]:
    """Weights that are zero of 20·9, 9·7 and 7·3."""
    return [round(share * count) for share, count in zip(sparsity, (180, 63, 21), strict=True)]


@given(st.integers(1, 200), st.floats(0, 0.99))
def test_more_is_left_out_every_epoch_until_all_is(epochs: int, sparsity: float) -> None:
    ramp = Ramp(epochs)
    shares = [ramp.share(sparsity, epoch) for epoch in range(1, epochs + 1)]
    assert 1 <= ramp.last <= epochs
    assert np.all(np.diff(shares) >= 0)
    assert min(shares) >= 0
    assert max(shares) <= sparsity
    assert set(shares[ramp.last - 1 :]) == {sparsity}


def test_shares_are_those_of_zhu_and_gupta() -> None:
    ramp = Ramp(10)
    assert ramp.last == 6
    assert [ramp.share(0.5, epoch) for epoch in (1, 3, 6, 10)] == pytest.approx([0.5 * (1 - (5 / 6) ** 3), 0.4375, 0.5, 0.5])


@pytest.mark.parametrize("sparsity, by_layer", [(0.0, (0, 0, 0)), (0.75, (0.75, 0.75, 0)), ([0.9, 0, 0.5], (0.9, 0, 0.5))])
def test_one_number_is_that_of_the_hidden_layers(sparsity: Any, by_layer: tuple[float, ...]) -> None:
    assert sparsity_by_layer(small_configuration(training={"sparsity": sparsity})) == by_layer


def test_the_smallest_are_left_out_and_stay_out() -> None:
    network = QuantisedNetwork(small_configuration(), (4, 5), 3)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    pruning = Pruning(network, (0.5, 0.0, 0.2), Ramp(1))
    pruning.begin(1)
    after = network.state_dict()
    assert zeros(after) == share_of([0.5, 0.0, 0.2])
    for name in LAYERS:
        left, kept = before[name][after[name] == 0].abs(), before[name][after[name] != 0].abs()
        assert not len(left) or left.max() <= kept.min()
        assert torch.equal(after[name][after[name] != 0], before[name][after[name] != 0])
    network.layers()[0].weighted.weight.data += 1.0
    pruning.apply()
    assert zeros(network.state_dict()) == share_of([0.5, 0.0, 0.2])


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
@pytest.mark.parametrize("sparsity", [[0.75, 0.75, 0.0], [0.9, 0.0, 0.5]])
def test_a_trained_network_leaves_out_what_was_asked_for(tmp_path: Path, optimiser: str, sparsity: list[float]) -> None:
    state = trained(tmp_path, training={"sparsity": sparsity, "optimiser": optimiser})
    assert zeros(state.best_network) == zeros(state.network) == share_of(sparsity)
    assert state.best_epoch >= Ramp(4).last


def test_what_is_left_out_is_zero_in_integers_too(tmp_path: Path) -> None:
    config = small_configuration(training={"sparsity": 0.75})
    network = QuantisedNetwork(config, (4, 5), 3)
    network.load_state_dict(trained(tmp_path, training={"sparsity": 0.75}).best_network)
    for layer in network.eval().layers():
        weight = layer.weighted.weight
        assert (layer.weighted.quant_weight().int()[weight == 0] == 0).all()
        assert (weight == 0).sum() == round(0.75 * weight.numel())


def test_the_most_accurate_network_that_is_too_dense_is_not_selected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    falling = iter([0.9, 0.8, 0.7, 0.6])
    monkeypatch.setattr(loop.Trainer, "_accuracy", lambda _: next(falling))
    state = trained(tmp_path, training={"sparsity": 0.75})
    assert (state.best_epoch, state.best_accuracy) == (3, 0.7)
    falling = iter([0.9, 0.8, 0.7, 0.6])
    assert trained(tmp_path, "dense").best_epoch == 1


def test_an_interrupted_run_goes_on_exactly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sections = {"training": {"sparsity": 0.8}}
    whole = trained(tmp_path, "whole", **sections)

    def interrupt(state: TrainingState, path: Path) -> None:
        save_checkpoint(state, path)
        if state.epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(loop, "save_checkpoint", interrupt)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, "parts", **sections)
    monkeypatch.setattr(loop, "save_checkpoint", save_checkpoint)
    assert equal(vars(trained(tmp_path, "parts", **sections)), vars(whole))


def test_fine_tuning_keeps_them_out(tmp_path: Path) -> None:
    trained(tmp_path, training={"sparsity": 0.8}, network={"adaptive_levels": True}, fine_tuning={"epochs": 3})
    state = read_checkpoint(tmp_path / "train" / FINE_TUNED)
    assert zeros(state.best_network) == zeros(state.network) == share_of([0.8, 0.8, 0.0])


def test_nothing_is_touched_where_nothing_is_left_out() -> None:
    network = QuantisedNetwork(small_configuration(), (4, 5), 3)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    pruning = Pruning(network, (0.0, 0.0, 0.0), Ramp(3))
    pruning.begin(3)
    pruning.apply()
    assert equal(network.state_dict(), before)
    assert pruning.selectable(0)
