"""The activations that networks are trained with, against their formulas."""

from typing import Any

import numpy as np
import pytest
import torch
from brevitas.nn import QuantIdentity
from hypothesis import given
from hypothesis import strategies as st

from model.base.errors import UserError
from model.training.activations import ActivationShape, HiddenActivation, first_stage_shapes
from model.training.network import QuantisedNetwork
from model.training.quantisers import NoisyHalfUp, level_activation
from tests.model.trained_networks import small_configuration

KINDS = ["qcfs", "clip", "relu", "signed", "leaky"]
METHODS = {"qcfs": "pascal", "clip": "opi", "relu": "parallel", "signed": "pmsm", "leaky": "dual-phase"}


def configuration(kind: str, **network: Any) -> Any:
    return small_configuration(network={"activation": kind, **network}, conversion={"method": METHODS[kind]})


# Charges in sum, and the levels that a neuron with threshold 4 and potential 2 has for them between −2 and 3.
GOLDEN = [(0, 0), (8, 2), (0, 0), (20, 3), (-4, -1), (4, 1), (2, 1), (12, 3), (12, 3), (-2, 0), (-3, -1)]


@pytest.mark.parametrize("charge, level", GOLDEN)
def test_the_signed_quantiser_has_the_golden_levels(charge: int, level: int) -> None:
    quantiser = QuantIdentity(act_quant=level_activation(3, clip=12.0, lowest=-2))
    assert float(quantiser(torch.tensor([float(charge)])).detach()) == 4 * level


@given(
    levels=st.integers(1, 64),
    lowest=st.integers(-64, 0),
    sixteenths=st.lists(st.integers(-(10**4), 10**4), min_size=1, max_size=20),
)
def test_every_range_of_levels_has_halves_up(levels: int, lowest: int, sixteenths: list[int]) -> None:
    """A step of 1/4 keeps everything exact in binary, so every tie between two levels is a tie."""
    values = torch.tensor(sixteenths, dtype=torch.float64) / 16
    quantiser = QuantIdentity(act_quant=level_activation(levels, levels / 4, lowest)).double()
    expected = np.clip(np.floor(values.numpy() * 4 + 0.5), lowest, levels) / 4
    assert np.array_equal(quantiser(values).detach().numpy(), expected)


def test_the_signed_quantiser_is_trained_like_the_unsigned_one() -> None:
    quantiser = QuantIdentity(act_quant=level_activation(3, clip=3.0, lowest=-2))
    values = torch.tensor([-5.0, -1.25, 0.75, 5.0], requires_grad=True)
    quantiser(values).sum().backward()
    assert values.grad is not None
    assert values.grad.tolist() == [0, 1, 1, 0]
    (clip,) = quantiser.parameters()
    # −2/3 and 1 of the values outside, the rounding errors of those inside, per level of λ/3.
    assert float(clip.grad) == pytest.approx((-2 + (-1 + 1.25) + (1 - 0.75) + 3) / 3)


def test_the_clamp_cuts_at_its_clip_and_trains_it() -> None:
    clamp = HiddenActivation(ActivationShape("clip", clip=2.0))
    values = torch.tensor([-3.0, 0.0, 1.5, 2.0, 7.0, 9.0], requires_grad=True)
    clamp(values).sum().backward()
    assert clamp(values).tolist() == [0, 0, 1.5, 2, 2, 2]
    (clip,) = clamp.parameters()
    assert clip.grad == 2  # one for each of the two values that are cut off
    assert (clamp.clip, float(clamp.unit)) == (2, 2)


def test_a_negative_clip_counts_by_its_magnitude() -> None:
    assert HiddenActivation(ActivationShape("clip", clip=-2.0))(torch.tensor([5.0])).tolist() == [2]


def test_the_leaky_clamp_has_a_hundredth_below_zero_and_is_cut_on_both_sides() -> None:
    clamp = HiddenActivation(ActivationShape("leaky", clip=2.0)).double()
    values = torch.tensor([-1000.0, -100.0, -1.0, 1.0, 3.0], dtype=torch.float64)
    assert clamp(values).tolist() == [-2, -1, -0.01, 1, 2]


def test_leaky_levels_are_those_of_the_leaky_value() -> None:
    layer = HiddenActivation(ActivationShape("leaky").with_levels(4, clip=1.0)).double()
    values = torch.tensor([-1000.0, -63.0, -62.5, -12.5, -12.0, 0.125, 0.5, 3.0], dtype=torch.float64)
    assert layer(values).tolist() == [-1, -0.75, -0.5, 0, 0, 0.25, 0.5, 1]
    assert layer.shape.lowest == -4


def test_relu_is_not_quantised_and_has_no_clip() -> None:
    layer = HiddenActivation(ActivationShape("relu"))
    assert layer(torch.tensor([-1.0, 0.3, 50.0])).tolist() == [0, torch.tensor(0.3), 50]
    assert (list(layer.parameters()), layer.clip, float(layer.unit)) == ([], 1, 1)


def test_relu_networks_compute_with_their_weights_until_they_are_told_otherwise() -> None:
    torch.manual_seed(0)
    network = QuantisedNetwork(configuration("relu", batch_norm=False), (4, 5), 3).eval()
    images = torch.randint(0, 8, (6, 20)).float()
    values = images / 7
    for layer in network.hidden:
        values = torch.relu(values @ layer.linear.weight.T + layer.linear.bias)  # type: ignore[union-attr, operator]
    assert torch.equal(network(images), values @ network.readout.weight.T + network.readout.bias)
    real = network(images)
    network.quantise_weights(True)
    assert not torch.equal(network(images), real)
    weight = network.readout.quant_weight()
    assert torch.equal(weight.value, weight.int() * weight.scale)


@pytest.mark.parametrize(
    "kind, below, expected",
    [
        ("qcfs", "auto", [(3, 0), (5, 0)]),
        ("signed", "auto", [(3, -3), (5, -5)]),
        ("signed", 2, [(3, -2), (5, -2)]),
        ("signed", 0, [(3, 0), (5, 0)]),
        ("clip", "auto", [(0, 0), (0, 0)]),
        ("relu", "auto", [(0, 0), (0, 0)]),
        ("leaky", "auto", [(0, 0), (0, 0)]),
    ],
)
def test_levels_of_the_first_stage(kind: str, below: object, expected: list[tuple[int, int]]) -> None:
    config = configuration(kind, lowest_levels=below)
    assert [(shape.levels, shape.lowest) for shape in first_stage_shapes(config)] == expected
    layers: list[Any] = [*QuantisedNetwork(config, (4, 5), 3).hidden]
    assert [(layer.levels, layer.lowest) for layer in layers] == expected
    assert {layer.kind for layer in layers} == {kind}
    assert {layer.negative_slope for layer in layers} == {0.01 if kind == "leaky" else 0}


def test_levels_of_a_wrong_length_are_refused() -> None:
    with pytest.raises(UserError, match=r"^network\.levels = \[3, 5\] has 2 entries, the network has 1 hidden layers"):
        first_stage_shapes(small_configuration(network={"hidden": [4]}))


@pytest.mark.parametrize("kind", ["qcfs", "clip", "leaky"])
def test_another_number_of_levels_keeps_weights_and_clips(kind: str) -> None:
    torch.manual_seed(1)
    network = QuantisedNetwork(configuration(kind), (4, 5), 3).eval()
    layers: list[Any] = [*network.hidden]
    layers[0].activation.start_at(1.7)
    other = network.with_levels([2, 7])
    changed: list[Any] = [*other.hidden]
    assert [layer.levels for layer in changed] == [2, 7]
    assert [layer.lowest for layer in changed] == ([-2, -7] if kind == "leaky" else [0, 0])
    assert [layer.activation.clip for layer in changed] == [layer.activation.clip for layer in layers]
    assert float(changed[0].unit) == pytest.approx(1.7 / 2)
    for before, after in zip(layers, changed, strict=True):
        assert torch.equal(before.linear.weight, after.linear.weight)
        assert torch.equal(before.norm.weight, after.norm.weight)


def test_many_levels_come_near_the_clamp() -> None:
    torch.manual_seed(2)
    network = QuantisedNetwork(configuration("clip"), (4, 5), 3).eval()
    images = torch.randint(0, 8, (6, 20)).float()
    exact, few, many = network(images), network.with_levels([2, 2])(images), network.with_levels([64, 64])(images)
    assert float((many - exact).abs().max()) < float((few - exact).abs().max()) / 4


def test_noise_leaves_its_share_of_the_values_unrounded_and_only_while_training() -> None:
    rounding = NoisyHalfUp(0.1)
    values = torch.full((20_000,), 0.7, requires_grad=True)
    torch.manual_seed(3)
    rounded = rounding(values)
    assert set(rounded.tolist()) == {float(values[0]), 1.0}
    assert float((rounded < 1).float().mean()) == pytest.approx(0.1, abs=0.01)
    rounded.sum().backward()
    assert values.grad is not None
    assert set(values.grad.tolist()) == {1.0}
    assert set(rounding.eval()(values).tolist()) == {1.0}


def test_noise_reaches_the_network_that_is_fine_tuned() -> None:
    torch.manual_seed(4)
    network = QuantisedNetwork(configuration("clip"), (4, 5), 3).with_levels([3, 3], denoise=0.5)
    images = torch.randint(0, 8, (6, 20)).float()
    assert torch.equal(network(images), network(images))
    network.freeze_statistics()
    network.train()
    assert not torch.equal(network(images), network(images))


def test_frozen_statistics_stay() -> None:
    network = QuantisedNetwork(configuration("clip"), (4, 5), 3)
    images = torch.randint(0, 8, (6, 20)).float()
    network.freeze_statistics()
    network.train()
    network(images)
    layers: list[Any] = [*network.hidden]
    assert [float(layer.norm.running_mean.abs().sum()) for layer in layers] == [0, 0]
    for layer in layers:
        layer.statistics_frozen = False
    network.train()
    network(images)
    assert all(float(layer.norm.running_mean.abs().sum()) > 0 for layer in layers)
