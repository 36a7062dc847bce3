"""Networks that ship trained: taken where nothing but the data differs, refused by name of the key where something does."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model.base.errors import UserError
from model.base.files import read_json
from model.config import Configuration
from model.config.load import load_configuration
from model.data import Part, save_dataset
from model.training import loop, ready
from model.training.network import QuantisedNetwork
from model.training.step import CHECKPOINT, run_train
from tests.model.test_training import equal
from tests.model.trained_networks import small_configuration, small_data, small_dataset

CONFIGS = Path(__file__).parents[2] / "configs"


def with_ready(name: str, **training: Any) -> Configuration:
    config = small_configuration()
    return config.model_copy(update={"training": config.training.model_copy(update={"ready": name, **training})})


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build whose train step ran, and the ready network ``small`` made of it."""
    folder = tmp_path / "build"
    run_train(small_configuration(), "cpu", small_data(folder / "data"), folder / "train")
    (folder / "data" / "data.json").write_text('{"title": "some images"}')
    monkeypatch.setattr(ready, "FOLDER", tmp_path / "ready")
    ready.write_ready(small_configuration(), folder, tmp_path / "ready" / "small.safetensors")
    return folder


def test_a_ready_network_is_what_training_would_have_made(build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop.Trainer, "_train_epoch", lambda *_: pytest.fail("an epoch was trained"))
    run_train(with_ready("small"), "cpu", build / "data", tmp_path / "taken")
    trained, taken = (torch.load(folder / CHECKPOINT, weights_only=True) for folder in (build / "train", tmp_path / "taken"))
    for key in ("fingerprint", "epoch", "best_epoch", "best_accuracy", "best_network", "history", "found"):
        assert equal({key: taken[key]}, {key: trained[key]}), key
    summary, expected = read_json(tmp_path / "taken" / "train.json"), read_json(build / "train" / "train.json")
    origin = summary.pop("ready")
    assert summary == expected
    assert (origin["name"], origin["trained_on"], origin["same_images"]) == ("small", "some images", True)


def test_other_images_are_measured_and_said_to_be_others(build: Path, tmp_path: Path) -> None:
    other = small_data(tmp_path / "other", seed=5)
    run_train(with_ready("small"), "cpu", other, tmp_path / "taken")
    assert read_json(tmp_path / "taken" / "train.json")["ready"]["same_images"] is False


def test_a_network_that_was_trained_otherwise_is_refused_with_the_key(build: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        run_train(with_ready("small", seed=8), "cpu", build / "data", tmp_path / "taken")
    assert str(error.value) == (
        'training.ready = "small" was trained with training.seed = 7, not 8: take that value, or train with'
        " --set training.ready=off"
    )
    assert not (tmp_path / "taken").exists()


def twice_as_high(part: Part) -> Part:
    return Part(np.repeat(part.images, 2, axis=1), part.labels)


def test_another_size_of_images_is_refused_before_anything_else(build: Path, tmp_path: Path) -> None:
    data = small_dataset()
    higher = replace(
        data, train=twice_as_high(data.train), validation=twice_as_high(data.validation), test=twice_as_high(data.test)
    )
    save_dataset(higher, tmp_path / "dataset.npz")
    with pytest.raises(UserError) as error:
        run_train(with_ready("small", seed=8), "cpu", tmp_path, tmp_path / "taken")
    assert str(error.value) == (
        'training.ready = "small" was trained on images of 4×5 in 3 classes, not images of 8×5 in 3 classes: take such images, or'
        " train with --set training.ready=off"
    )


@pytest.mark.parametrize(
    "method, key, trained, wanted",
    [
        ("opi", "pooling", "max", "average"),
        ("pmsm", "activation", "qcfs", "signed"),
        ("dual-phase", "activation", "qcfs", "clip"),
    ],
)
def test_where_the_method_decides_a_key_both_are_named(method: str, key: str, trained: str, wanted: str) -> None:
    config = load_configuration(CONFIGS / "mnist-cnn.toml", [f"conversion.method={method}"])
    origin, _ = ready.read_ready(ready.FOLDER / "mnist-cnn.safetensors")
    with pytest.raises(UserError) as error:
        ready.refuse_what_differs("mnist-cnn", origin, config)
    assert str(error.value) == (
        f'training.ready = "mnist-cnn" was trained with network.{key} = "{trained}", not "{wanted}": take a conversion.method'
        " that trains with it, or train with --set training.ready=off"
    )


def test_a_key_that_came_later_counts_as_its_default(build: Path, tmp_path: Path) -> None:
    path = tmp_path / "ready" / "small.safetensors"
    origin, _ = ready.read_ready(path)
    del origin.configuration["training.optimiser"]
    ready.refuse_what_differs("small", origin, with_ready("small"))
    with pytest.raises(UserError, match=r'was trained with training\.optimiser = "adamw", not "sgd"'):
        ready.refuse_what_differs("small", origin, with_ready("small", optimiser="sgd"))


def test_an_unknown_name_is_refused_with_the_legal_ones(build: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        run_train(with_ready("smal"), "cpu", build / "data", tmp_path / "taken")
    assert str(error.value) == 'training.ready = "smal": legal are off, small; did you mean small?'


def test_a_damaged_file_is_refused_by_name(build: Path, tmp_path: Path) -> None:
    path = tmp_path / "ready" / "small.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(UserError, match=r"small\.safetensors: no readable ready network"):
        run_train(with_ready("small"), "cpu", build / "data", tmp_path / "taken")


def test_a_build_of_another_configuration_is_not_written(build: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="trained with another configuration"):
        ready.write_ready(with_ready("off", seed=8), build, tmp_path / "ready" / "other.safetensors")
    assert ready.ready_names() == ["small"]


@pytest.mark.parametrize("name", ready.ready_names())
def test_every_ready_network_fits_the_configuration_of_its_name_and_is_small(name: str) -> None:
    config = load_configuration(CONFIGS / f"{name}.toml")
    path = ready.FOLDER / f"{name}.safetensors"
    assert config.training.ready == name
    origin, tensors = ready.read_ready(path)
    ready.refuse_what_differs(name, origin, config)
    QuantisedNetwork(config, tuple(origin.image_shape), origin.classes).load_state_dict(tensors)
    assert path.stat().st_size < 2_000_000
