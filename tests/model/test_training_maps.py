"""Training of convolutional and residual networks: gradients, residual units, warm start, resuming."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from model.base.files import read_json
from model.config import Configuration
from model.data import save_dataset
from model.training import loop
from model.training.activations import ActivationShape, HiddenActivation
from model.training.checkpoint import TrainingState, load_checkpoint, read_checkpoint, save_checkpoint, warm_start_fingerprint
from model.training.layers import ConvolutionLayer, convolved
from model.training.network import QuantisedNetwork, predict
from model.training.staircase import staircase
from model.training.step import CHECKPOINT, WARM_START, run_train
from model.training.warm_start import clip_of_least_error
from tests.model.map_networks import CLASSES, SHAPES, configured, layer_lists, random_dataset, random_images, trained
from tests.model.test_training import equal

SHAPE = (2, 6, 6)
LAYERS: list[dict[str, Any]] = [
    {"conv": 4, "kernel": 3, "name": "stem"},
    {"conv": 4, "kernel": 3, "add": "stem", "max_pool": 2},
    {"conv": 6, "kernel": 3, "stride": 2, "add": "hidden2", "average_pool": "global"},
    {"linear": 5},
]
METHODS = {"qcfs": "pascal", "clip": "parallel", "relu": "parallel", "signed": "pmsm"}


def configuration(activation: str = "qcfs", **sections: Any) -> Configuration:
    network = {"layers": LAYERS, "activation": activation} | sections.pop("network", {})
    return configured(LAYERS, network=network, conversion={"method": METHODS[activation]}, **sections)


@settings(max_examples=10)
@given(st.data(), SHAPES, st.sampled_from(["qcfs", "clip", "relu", "signed"]))
def test_gradients_reach_every_parameter(data: st.DataObject, shape: tuple[int, ...], activation: str) -> None:
    layers = data.draw(layer_lists(shape))
    config = configured(layers, network={"layers": layers, "activation": activation}, conversion={"method": METHODS[activation]})
    with loop.deterministic(1):
        network = QuantisedNetwork(config, shape, CLASSES)
        levels = torch.from_numpy(random_images(shape, 16, 3) >> 5).flatten(1).float()
        network(levels).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(1, 9), st.integers(-9, 0), st.floats(0.1, 5))
def test_the_staircase_of_maps_is_the_quantiser_of_brevitas(seed: int, levels: int, lowest: int, clip: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    activation = HiddenActivation(ActivationShape("signed" if lowest else "qcfs", levels, lowest, clip=clip))
    values, gradient = (torch.randn(2, 3, 4, 4, generator=generator) for _ in range(2))
    results = []
    for function in (activation.quantiser, activation):
        assert function is not None
        own = values.clone().requires_grad_()
        activation.zero_grad()
        sent = function(own)
        sent.backward(gradient)
        assert own.grad is not None
        results.append((sent.detach(), own.grad, [parameter.grad.clone() for parameter in activation.parameters()]))  # type: ignore[union-attr]
    (one, one_gradient, one_clip), (other, other_gradient, other_clip) = results
    assert torch.equal(one, other)
    assert torch.allclose(one_gradient, other_gradient)
    assert torch.allclose(one_clip[0], other_clip[0], rtol=1e-3, atol=1e-4)


def test_the_staircase_of_maps_is_what_trains() -> None:
    activation = HiddenActivation(ActivationShape("qcfs", 3, clip=1.7))
    values = torch.randn(2, 3, 4, 4)
    assert torch.equal(activation(values), staircase(values, activation.unit, 0, 3))
    assert torch.equal(activation.eval()(values), staircase(values, activation.unit, 0, 3))


@pytest.mark.parametrize("stride", [(1, 1), (2, 1), (1, 2), (3, 2)])
@pytest.mark.parametrize("kernel", [(1, 1), (1, 3), (3, 1), (2, 2)])
def test_a_convolution_whose_stride_skips_is_that_of_the_positions_left(kernel: tuple[int, int], stride: tuple[int, int]) -> None:
    values, weights = torch.randn(2, 4, 7, 6), torch.randn(6, 2, *kernel)
    expected = torch.nn.functional.conv2d(values, weights, None, stride, (0, 0), 1, 2)
    assert torch.allclose(convolved(values, weights, None, stride, (0, 0), 2), expected, atol=1e-6)


def test_a_residual_is_in_the_unit_of_the_convolution() -> None:
    """Every sum is a whole number of s·u_in, identity and shortcut included, for whole levels of both sources."""
    network = trained(configuration(), SHAPE, 2)
    for name in ("hidden2", "hidden3"):
        layer = next(layer for layer in network.layers() if layer.plan.name == name)
        assert isinstance(layer, ConvolutionLayer)
        joint = layer.joint_weights(network.ratio(layer.plan))
        for real, integers in ((joint.weights, joint.integers), (joint.added, joint.added_integers)):
            scale = joint.scale.reshape(-1, 1, 1, 1)
            assert torch.allclose(real, integers * scale, rtol=1e-5)
        assert int(joint.integers.abs().max()) <= 7
    assert int(joint.added_integers.abs().max()) <= 7


def test_a_dead_channel_keeps_its_identity_within_the_bits_of_a_gain() -> None:
    network = trained(configuration(), SHAPE, 2)
    layer = network.layers()[1]
    assert isinstance(layer, ConvolutionLayer)
    with torch.no_grad():
        layer.convolution.weight[1] = 0
        joint = layer.joint_weights(network.ratio(layer.plan))
    assert int(joint.added_integers[1]) == (1 << 15) - 1
    assert float(joint.added[1]) == pytest.approx(float(network.ratio(layer.plan).detach()), rel=1e-4)


def data_folder(folder: Path) -> Path:
    folder.mkdir()
    save_dataset(random_dataset(SHAPE), folder / "dataset.npz")
    return folder


@pytest.mark.parametrize("warm", [0, 2])
def test_an_interrupted_run_of_maps_goes_on_exactly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: int) -> None:
    data, config = data_folder(tmp_path / "data"), configuration(training={"warm_start_epochs": warm}, data={"shift": 1})
    run_train(config, "cpu", data, tmp_path / "whole")
    saved = 0

    def interrupt(state: TrainingState, path: Path) -> None:
        nonlocal saved
        saved += 1
        save_checkpoint(state, path)
        if saved in (1, 2, 3):
            raise KeyboardInterrupt

    monkeypatch.setattr(loop, "save_checkpoint", interrupt)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            run_train(config, "cpu", data, tmp_path / "parts")
    run_train(config, "cpu", data, tmp_path / "parts")
    states = [read_checkpoint(tmp_path / name / CHECKPOINT) for name in ("whole", "parts")]
    assert equal(vars(states[0]), vars(states[1]))
    assert read_json(tmp_path / "whole" / "train.json") == read_json(tmp_path / "parts" / "train.json")


@pytest.mark.parametrize("activation", ["qcfs", "clip", "signed"])
def test_a_warm_start_is_a_float_network_whose_weights_are_taken_over(tmp_path: Path, activation: str) -> None:
    data = data_folder(tmp_path / "data")
    config = configuration(activation, training={"warm_start_epochs": 2, "learning_rate": 1e-9, "weight_decay": 0.0})
    run_train(config, "cpu", data, tmp_path / "train")
    before, after = (read_checkpoint(tmp_path / "train" / name) for name in (WARM_START, CHECKPOINT))
    weights = [name for name in after.network if name.endswith(".weight") and ".activation." not in name]
    assert weights
    for name in weights:
        assert torch.allclose(before.best_network[name], after.network[name], atol=1e-4)
    warm = read_json(tmp_path / "train" / "train.json")["stages"][0]["warm_start"]
    assert warm["epochs"] == 2
    assert set(warm["accuracy"]) == {"validation", "test"}
    assert len(warm["clips"]) == (0 if activation == "signed" else 4)
    assert all(clip > 0 for clip in warm["clips"])


def test_one_float_network_serves_all_levels_and_weight_bits() -> None:
    def of(training: dict[str, Any] | None = None, **network: Any) -> str:
        warmed = {"warm_start_epochs": 2} | (training or {})
        return warm_start_fingerprint(configuration(training=warmed, network=network), "cpu", "data")

    assert of(levels=7) == of(levels=3) == of(weight_bits=8) == of({"spike_penalty": 0.1})
    assert of(batch_norm=False) != of() != of({"weight_decay": 0.1})
    assert load_checkpoint(Path("nowhere"), of()) is None


@pytest.mark.parametrize("levels", [1, 3, 7])
def test_no_clip_of_another_share_errs_less(levels: int) -> None:
    values = torch.randn(5000, generator=torch.Generator().manual_seed(0)).double()

    def error(clip: float) -> float:
        unit = clip / levels
        return float(((torch.floor(values.clamp_min(0) / unit + 0.5).clamp(0, levels) * unit - values.clamp_min(0)) ** 2).mean())

    chosen = clip_of_least_error(values, levels)
    assert error(chosen) <= min(error(share * float(values.max())) for share in np.linspace(0.1, 1, 91)) + 1e-12
    assert clip_of_least_error(-values.abs(), levels) == 1.0


def test_predictions_do_not_depend_on_how_many_images_are_evaluated_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from model.training import network as module

    network = trained(configuration(), SHAPE, 2)
    levels = torch.from_numpy(random_images(SHAPE, 30, 4) >> 5).flatten(1)
    expected = predict(network, levels)
    monkeypatch.setattr(module, "_PIXELS_AT_ONCE", 7 * levels.shape[1])
    assert torch.equal(predict(network, levels), expected)
