"""Two stages of training: each is deterministic, resumes and is selected on validation; the first one is shared."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from model.base.errors import UserError
from model.base.files import read_json
from model.data import load_dataset
from model.training import loop, step
from model.training.checkpoint import TrainingState, fine_tuning_fingerprint, fingerprint, read_checkpoint, save_checkpoint
from model.training.network import predict
from model.training.step import CHECKPOINT, FINE_TUNED, accuracy_of, run_train, trained_network
from tests.model.test_training import equal
from tests.model.test_training_activations import KINDS, METHODS
from tests.model.trained_networks import small_configuration, small_data


def dual_phase(kind: str = "clip", **sections: Any) -> Any:
    return configuration({"activation": kind, "levels": 3}, "dual-phase", sections)


def adaptive(**sections: Any) -> Any:
    return configuration({"levels": [7, 5], "adaptive_levels": True}, "pascal", sections)


def configuration(network: dict[str, Any], method: str, sections: dict[str, Any]) -> Any:
    given = {"conversion": {"method": method}, "data": {"shift": 1}, **sections}
    given["network"] = network | given.get("network", {})
    given["fine_tuning"] = {"epochs": 3, "learning_rate": 0.005} | given.get("fine_tuning", {})
    return small_configuration(**given)


SECOND = {"clip": dual_phase(), "leaky": dual_phase("leaky"), "adaptive": adaptive()}


def states(folder: Path) -> list[TrainingState]:
    return [read_checkpoint(folder / name) for name in (CHECKPOINT, FINE_TUNED)]


def same(one: Path, other: Path) -> bool:
    return all(equal(vars(a), vars(b)) for a, b in zip(states(one), states(other), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_every_activation_trains_the_same_every_time_and_is_read_back(tmp_path: Path, kind: str) -> None:
    data = small_data(tmp_path / "data")
    config = small_configuration(
        network={"activation": kind, "levels": 3}, conversion={"method": METHODS[kind]}, fine_tuning={"epochs": 2}
    )
    for name in "ab":
        run_train(config, "cpu", data, tmp_path / name)
    for name in (CHECKPOINT, "train.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    summary, dataset = read_json(tmp_path / "a" / "train.json"), load_dataset(data / "dataset.npz")
    network = trained_network(config, dataset, tmp_path / "a")
    assert not network.training
    assert summary["activation"] == kind
    assert summary["accuracy"]["test"] == accuracy_of(network, dataset.test, config) > 0.5
    assert [entry["stage"] for entry in summary["stages"]] == ["training", *(["fine_tuning"] if kind == "leaky" else [])]
    assert summary["stages"][0]["accuracy"]["validation"] == read_checkpoint(tmp_path / "a" / CHECKPOINT).best_accuracy


@pytest.mark.parametrize("config", SECOND.values(), ids=SECOND)
def test_fine_tuning_is_the_same_every_time(tmp_path: Path, config: Any) -> None:
    data = small_data(tmp_path / "data")
    for name in "ab":
        run_train(config, "cpu", data, tmp_path / name)
    assert same(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / FINE_TUNED).read_bytes() == (tmp_path / "b" / FINE_TUNED).read_bytes()


@pytest.mark.parametrize("epoch", [1, 2])
@pytest.mark.parametrize("config", SECOND.values(), ids=SECOND)
def test_interrupted_fine_tuning_goes_on_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Any, epoch: int
) -> None:
    data = small_data(tmp_path / "data")
    run_train(config, "cpu", data, tmp_path / "whole")

    def interrupt(state: TrainingState, path: Path) -> None:
        save_checkpoint(state, path)
        if path.name == FINE_TUNED and state.epoch == epoch:
            raise KeyboardInterrupt

    monkeypatch.setattr(loop, "save_checkpoint", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_train(config, "cpu", data, tmp_path / "parts")
    monkeypatch.setattr(loop, "save_checkpoint", save_checkpoint)
    torch.rand(5)  # the state of the global generator must not matter
    run_train(config, "cpu", data, tmp_path / "parts")
    assert same(tmp_path / "parts", tmp_path / "whole")
    assert read_json(tmp_path / "parts" / "train.json") == read_json(tmp_path / "whole" / "train.json")


def test_noise_is_part_of_phase_one(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    for name, denoise in (("quiet", 0.0), ("noisy", 0.5)):
        run_train(dual_phase(fine_tuning={"denoise": denoise}), "cpu", data, tmp_path / name)
    quiet, noisy = states(tmp_path / "quiet")[1], states(tmp_path / "noisy")[1]
    assert not equal(quiet.network, noisy.network)


def test_the_first_stage_is_shared_between_level_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = small_data(tmp_path / "data")
    run_train(dual_phase(), "cpu", data, tmp_path / "three")
    run_train(dual_phase(network={"levels": 5}), "cpu", data, tmp_path / "five alone")
    (tmp_path / "five").mkdir()
    shutil.copy(tmp_path / "three" / CHECKPOINT, tmp_path / "five")
    train = loop.Trainer._train_epoch

    def only_fine_tuning(trainer: loop.Trainer, epoch: int, after_batch: Callable[[], None]) -> float:
        assert trainer._stage.name == "fine-tuning"
        return train(trainer, epoch, after_batch)

    monkeypatch.setattr(loop.Trainer, "_train_epoch", only_fine_tuning)
    run_train(dual_phase(network={"levels": 5}), "cpu", data, tmp_path / "five")
    assert same(tmp_path / "five", tmp_path / "five alone")
    assert states(tmp_path / "five")[1].found["levels"] == [5, 5]


def test_fine_tuning_of_another_configuration_is_not_used(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    run_train(dual_phase(), "cpu", data, tmp_path / "train")
    for change in ({"network": {"levels": 5}}, {"fine_tuning": {"denoise": 0.2}}, {"training": {"seed": 9}}):
        run_train(dual_phase(**change), "cpu", data, tmp_path / "fresh")
        run_train(dual_phase(**change), "cpu", data, tmp_path / "train")
        assert same(tmp_path / "train", tmp_path / "fresh")
        shutil.rmtree(tmp_path / "fresh")


def test_batch_norm_keeps_its_statistics_in_phase_one_only(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    for name, kept in (("clip", True), ("adaptive", False)):
        run_train(SECOND[name], "cpu", data, tmp_path / name)
        first, second = states(tmp_path / name)
        means = [key for key in first.network if key.endswith("running_mean")]
        assert len(means) == 2
        assert all(equal(first.best_network[key], second.network[key]) for key in means) == kept
        weights = [key for key in first.network if key.endswith("linear.weight")]
        assert not any(equal(first.best_network[key], second.network[key]) for key in weights)


def test_fine_tuned_networks_are_in_levels(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    dataset = load_dataset(data / "dataset.npz")
    for kind in ("clip", "leaky"):
        run_train(dual_phase(kind), "cpu", data, tmp_path / kind)
        layers: list[Any] = [*trained_network(dual_phase(kind), dataset, tmp_path / kind).hidden]
        assert [(layer.levels, layer.lowest) for layer in layers] == [(3, -3 if kind == "leaky" else 0)] * 2
        levels = (layers[0](torch.rand(50, 20)) / layers[0].unit).detach()
        assert torch.allclose(levels, levels.round(), atol=1e-5)
        assert set(levels.round().unique().tolist()) <= {*range(-3, 4)}


def test_adaptive_levels_are_kept_and_told(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    run_train(adaptive(), "cpu", data, tmp_path / "train")
    found = states(tmp_path / "train")[1].found
    summary = read_json(tmp_path / "train" / "train.json")
    network = trained_network(adaptive(), load_dataset(data / "dataset.npz"), tmp_path / "train")
    assert [layer.levels for layer in network.hidden] == found["levels"] == summary["levels"] == summary["stages"][1]["levels"]
    assert summary["stages"][0]["levels"] == [7, 5]
    assert summary["stages"][1]["metrics"] == found["metrics"]
    assert len(found["metrics"]) == 2


def test_the_chosen_levels_are_not_chosen_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = small_data(tmp_path / "data")
    run_train(adaptive(), "cpu", data, tmp_path / "train")
    monkeypatch.setattr(step, "decided_before", lambda *_: pytest.fail("the levels were chosen again"))
    run_train(adaptive(), "cpu", data, tmp_path / "train")


def test_a_signed_network_tells_where_its_clips_started(tmp_path: Path) -> None:
    config = small_configuration(network={"activation": "signed"}, conversion={"method": "pmsm"})
    run_train(config, "cpu", small_data(tmp_path / "data"), tmp_path / "train")
    (stage,) = read_json(tmp_path / "train" / "train.json")["stages"]
    assert len(stage["first_clips"]) == len(stage["clips"]) == 2
    assert all(0.2 < clip < 10 for clip in stage["first_clips"])
    assert stage["first_clips"] != stage["clips"]


def test_fine_tuning_that_only_harms_is_left_out(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    config = dual_phase(network={"levels": 20}, training={"epochs": 12}, fine_tuning={"learning_rate": 1.0, "epochs": 1})
    run_train(config, "cpu", data, tmp_path / "train")
    first, second = states(tmp_path / "train")
    assert second.best_epoch == 0
    assert second.best_accuracy == second.found["validation_accuracy_before"] > second.history[0]["validation_accuracy"]
    network = trained_network(config, load_dataset(data / "dataset.npz"), tmp_path / "train")
    assert equal(network.state_dict()["hidden.0.linear.weight"], first.best_network["hidden.0.linear.weight"])


@pytest.mark.parametrize("config", [dual_phase(fine_tuning={"epochs": 0}), adaptive(fine_tuning={"epochs": 0})])
def test_fine_tuning_of_no_epoch_gives_the_first_network_its_levels(tmp_path: Path, config: Any) -> None:
    data = small_data(tmp_path / "data")
    for _ in range(2):
        run_train(config, "cpu", data, tmp_path / "train")
    first, second = states(tmp_path / "train")
    assert (second.epoch, second.best_epoch, second.history) == (0, 0, [])
    weight = "hidden.0.linear.weight"
    assert equal(second.best_network[weight], first.best_network[weight])
    network = trained_network(config, load_dataset(data / "dataset.npz"), tmp_path / "train")
    assert [layer.levels for layer in network.layers()] == second.found["levels"]


def test_a_second_stage_that_is_not_there_is_refused(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    run_train(small_configuration(network={"activation": "clip"}, conversion={"method": "opi"}), "cpu", data, tmp_path / "train")
    with pytest.raises(UserError, match=r"fine_tuned\.pt: no readable checkpoint \(.*\); run the train step again$"):
        trained_network(dual_phase(), load_dataset(data / "dataset.npz"), tmp_path / "train")


def test_fine_tuning_that_diverges_names_its_own_key(tmp_path: Path) -> None:
    config = dual_phase(fine_tuning={"learning_rate": 10.0, "epochs": 30})
    with pytest.raises(UserError) as error:
        run_train(config, "cpu", small_data(tmp_path / "data"), tmp_path / "train")
    text = str(error.value)
    assert text.startswith("fine-tuning diverged in epoch ")
    assert text.endswith("; fine_tuning.learning_rate is 10, try 1")


def test_a_network_without_hidden_layers_has_no_second_stage(tmp_path: Path) -> None:
    config = dual_phase(network={"hidden": [], "weight_bits": 4})
    run_train(config, "cpu", small_data(tmp_path / "data"), tmp_path / "train")
    assert not (tmp_path / "train" / FINE_TUNED).exists()
    assert read_json(tmp_path / "train" / "train.json")["levels"] == []


def pretraining(network: dict[str, Any], method: str, **sections: Any) -> str:
    return fingerprint(configuration(network, method, sections), "cpu", "data")


def test_what_the_first_stage_does_not_read_is_not_in_its_fingerprint() -> None:
    clip = pretraining({"activation": "clip", "levels": 3}, "dual-phase")
    assert clip == pretraining({"activation": "clip", "levels": 9}, "opi", fine_tuning={"epochs": 9})
    assert clip == pretraining({"activation": "auto", "levels": 9}, "dual-phase")
    assert clip != pretraining({"activation": "leaky", "levels": 3}, "dual-phase")
    relu = pretraining({"activation": "relu", "levels": 3, "weight_bits": 4}, "parallel")
    assert relu == pretraining({"activation": "relu", "levels": 5, "weight_bits": 2}, "parallel")
    signed = pretraining({"activation": "signed", "levels": 3}, "pmsm")
    assert signed != pretraining({"activation": "signed", "levels": 5}, "pmsm")
    assert signed != pretraining({"activation": "signed", "levels": 3, "lowest_levels": 1}, "pmsm")
    qcfs = pretraining({"levels": 3}, "pascal")
    assert qcfs == pretraining({"levels": 3, "adaptive_levels": True}, "pascal") == pretraining({"levels": 3}, "opi")
    assert qcfs != pretraining({"levels": 5}, "pascal")


def test_what_fine_tuning_reads_is_in_its_fingerprint() -> None:
    own = fine_tuning_fingerprint(dual_phase(), "first")
    assert own == fine_tuning_fingerprint(dual_phase("leaky"), "first")  # the first stage's tells them apart
    assert own != fine_tuning_fingerprint(dual_phase(), "other")
    assert own != fine_tuning_fingerprint(dual_phase(network={"levels": 5}), "first")
    assert own != fine_tuning_fingerprint(dual_phase(fine_tuning={"epochs": 9}), "first")
    assert own != fine_tuning_fingerprint(adaptive(network={"levels": 3}), "first")


@pytest.mark.parametrize("config", SECOND.values(), ids=SECOND)
def test_the_epoch_of_fine_tuning_is_selected_on_validation(tmp_path: Path, config: Any) -> None:
    data = small_data(tmp_path / "data")
    run_train(config, "cpu", data, tmp_path / "train")
    state = states(tmp_path / "train")[1]
    accuracies = [entry["validation_accuracy"] for entry in state.history]
    assert state.epoch == len(accuracies) == 3
    # Where it started may be selected too.
    start = state.found["validation_accuracy_before"]
    assert state.best_accuracy == max([start, *accuracies])
    assert state.best_accuracy == [start, *accuracies][state.best_epoch]
    validation = load_dataset(data / "dataset.npz").validation
    network = trained_network(config, load_dataset(data / "dataset.npz"), tmp_path / "train")
    guesses = predict(network, loop.pixel_levels(validation.images, 3).flatten(1)).numpy()
    assert float((guesses == validation.labels).mean()) == pytest.approx(state.best_accuracy)
