"""Training: the same result every time, also after an interruption; selected on validation; stopped when it diverges."""

from pathlib import Path
from typing import Any

import pytest
import torch

from model.base.errors import UserError
from model.base.files import read_json, replacing
from model.training import loop
from model.training.checkpoint import TrainingState, fingerprint, load_checkpoint, read_checkpoint, save_checkpoint
from model.training.network import QuantisedNetwork, predict
from model.training.step import CHECKPOINT, run_train
from tests.model.trained_networks import small_configuration, small_data


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other)


def trained(config: Any, data: Path, out: Path) -> TrainingState:
    run_train(config, "cpu", data, out)
    return read_checkpoint(out / CHECKPOINT)


@pytest.mark.parametrize("batch_norm", [True, False])
def test_the_same_seed_gives_the_same_network_to_the_last_bit(tmp_path: Path, batch_norm: bool) -> None:
    data = small_data(tmp_path / "data")
    config = small_configuration(network={"batch_norm": batch_norm}, data={"shift": 1})
    first, second = (trained(config, data, tmp_path / name) for name in "ab")
    assert equal(vars(first), vars(second))
    assert (tmp_path / "a" / CHECKPOINT).read_bytes() == (tmp_path / "b" / CHECKPOINT).read_bytes()
    assert read_json(tmp_path / "a" / "train.json") == read_json(tmp_path / "b" / "train.json")


def test_another_seed_gives_another_network(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    first, second = (trained(small_configuration(training={"seed": seed}), data, tmp_path / str(seed)) for seed in (1, 2))
    assert not equal(first.network, second.network)


@pytest.mark.parametrize("when, optimiser", [("before", "adamw"), ("while", "adamw"), ("after", "adamw"), ("after", "sgd")])
def test_an_interrupted_run_goes_on_exactly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, optimiser: str) -> None:
    """Interrupted in epoch 3, before its checkpoint, in the middle of writing it, or after it."""
    data, config = small_data(tmp_path / "data"), small_configuration(data={"shift": 1}, training={"optimiser": optimiser})
    whole = trained(config, data, tmp_path / "whole")

    def interrupt(state: TrainingState, path: Path) -> None:
        if state.epoch < 3:
            return save_checkpoint(state, path)
        if when == "while":
            with replacing(path) as beside:
                beside.write_bytes(b"half")
                raise KeyboardInterrupt
        if when == "after":
            save_checkpoint(state, path)
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "save_checkpoint", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_train(config, "cpu", data, tmp_path / "parts")
    assert read_checkpoint(tmp_path / "parts" / CHECKPOINT).epoch == (3 if when == "after" else 2)
    monkeypatch.setattr(loop, "save_checkpoint", save_checkpoint)
    torch.rand(5)  # the state of the global generator must not matter
    assert equal(vars(trained(config, data, tmp_path / "parts")), vars(whole))


def test_a_finished_run_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, config = small_data(tmp_path / "data"), small_configuration()
    first = trained(config, data, tmp_path / "train")
    monkeypatch.setattr(loop.Trainer, "_train_epoch", lambda *_: pytest.fail("an epoch was trained again"))
    assert equal(vars(trained(config, data, tmp_path / "train")), vars(first))


CHANGES: list[dict[str, dict[str, Any]]] = [
    {"training": {"seed": 8}},
    {"training": {"learning_rate": 0.01}},
    {"training": {"epochs": 5}},
    {"training": {"optimiser": "sgd"}},
    {"network": {"levels": 3}},
    {"network": {"batch_norm": False}},
    {"input": {"bits": 4}},
    {"data": {"shift": 1}},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_checkpoint_of_another_configuration_is_not_used(tmp_path: Path, change: dict[str, dict[str, Any]]) -> None:
    data, other = small_data(tmp_path / "data"), small_configuration(**change)
    expected = trained(other, data, tmp_path / "fresh")
    run_train(small_configuration(), "cpu", data, tmp_path / "train")
    assert equal(vars(trained(other, data, tmp_path / "train")), vars(expected))


def test_a_checkpoint_of_other_data_is_not_used(tmp_path: Path) -> None:
    config = small_configuration()
    run_train(config, "cpu", small_data(tmp_path / "data"), tmp_path / "train")
    digest = read_checkpoint(tmp_path / "train" / CHECKPOINT).fingerprint
    state = trained(config, small_data(tmp_path / "other", seed=1), tmp_path / "train")
    assert state.fingerprint != digest
    assert state.epoch == 4


def test_what_does_not_decide_training_keeps_the_checkpoint() -> None:
    same = small_configuration(conversion={"method": "opi"}, hardware={"parallelism": 3})
    assert fingerprint(same, "cpu", "data") == fingerprint(small_configuration(), "cpu", "data")
    assert fingerprint(same, "cuda", "data") != fingerprint(same, "cpu", "data")


@pytest.mark.parametrize("content", [b"", b"damaged", b"PK\x03\x04"])
def test_a_damaged_checkpoint_is_refused_by_readers_and_replaced_by_training(tmp_path: Path, content: bytes) -> None:
    data, config = small_data(tmp_path / "data"), small_configuration(training={"epochs": 1})
    path = tmp_path / "train" / CHECKPOINT
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(UserError, match=r": no readable checkpoint \(.*\); run the train step again$") as error:
        read_checkpoint(path)
    assert "\n" not in str(error.value)
    assert load_checkpoint(path, "any") is None
    assert trained(config, data, path.parent).epoch == 1


def test_a_missing_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"checkpoint\.pt: no readable checkpoint \(.*\); run the train step again$"):
        read_checkpoint(tmp_path / CHECKPOINT)


def test_the_epoch_is_selected_on_validation_and_the_last_of_equals_is_taken(tmp_path: Path) -> None:
    config = small_configuration(training={"epochs": 6})
    state = trained(config, small_data(tmp_path / "data"), tmp_path / "train")
    accuracies = [entry["validation_accuracy"] for entry in state.history]
    assert state.best_accuracy == max(accuracies)
    assert state.best_epoch == max(entry["epoch"] for entry in state.history if entry["validation_accuracy"] == max(accuracies))
    summary = read_json(tmp_path / "train" / "train.json")
    assert summary["accuracy"]["validation"] == state.best_accuracy
    assert summary["best_epoch"] == state.best_epoch
    assert (summary["epochs"], summary["seed"], summary["device"]) == (6, 7, "cpu")
    assert summary["torch"] == torch.__version__
    assert summary["accuracy"]["test"] > 0.8


def test_an_infinite_loss_stops_with_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entropy = torch.nn.functional.cross_entropy
    monkeypatch.setattr(torch.nn.functional, "cross_entropy", lambda *arguments: entropy(*arguments) * float("nan"))
    with pytest.raises(UserError) as error:
        run_train(small_configuration(), "cpu", small_data(tmp_path / "data"), tmp_path / "train")
    assert str(error.value) == ("training diverged in epoch 1: the loss is nan; training.learning_rate is 0.02, try 0.002")


def test_steps_that_are_far_too_large_stop_with_one_line(tmp_path: Path) -> None:
    config = small_configuration(training={"learning_rate": 10.0, "epochs": 20})
    with pytest.raises(UserError) as error:
        run_train(config, "cpu", small_data(tmp_path / "data"), tmp_path / "train")
    text = str(error.value)
    assert text.startswith("training diverged in epoch ")
    assert text.endswith("; training.learning_rate is 10, try 1")


@pytest.mark.parametrize(
    "device, text",
    [
        ("tpu", "--device tpu: legal are cpu and cuda"),
        ("cuda", "--device cuda: torch finds no CUDA device; use --device cpu, or install the CUDA build of torch"),
    ],
)
def test_a_device_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str, text: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError) as error:
        run_train(small_configuration(), device, small_data(tmp_path / "data"), tmp_path / "train")
    assert str(error.value) == text


def test_an_impossible_configuration_is_refused_before_training(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^network\.levels = \[1\] has 1 entries"):
        run_train(small_configuration(network={"levels": [1]}), "cpu", tmp_path / "none", tmp_path / "train")


def test_settings_of_torch_are_given_back() -> None:
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with loop.deterministic(1):
        assert torch.are_deterministic_algorithms_enabled()
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before


def test_a_network_without_hidden_layers_trains(tmp_path: Path) -> None:
    config = small_configuration(network={"hidden": [], "levels": 3, "weight_bits": 4})
    assert trained(config, small_data(tmp_path / "data"), tmp_path / "train").epoch == 4


def test_ties_go_to_the_lowest_class() -> None:
    network = QuantisedNetwork(small_configuration(), (4, 5), 3)
    torch.nn.init.zeros_(network.readout.weight)
    torch.nn.init.zeros_(network.readout.bias)
    assert predict(network, torch.ones(5, 20, dtype=torch.uint8)).tolist() == [0] * 5
