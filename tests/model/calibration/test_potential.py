"""Potential calibration: V0 takes up the mean error."""

import torch
from torch import Tensor

from model.calibration.potential import calibrate_potentials, moved_potential
from model.calibration.spiking import SpikingLayer

T = 4


def _layer(channels: int, sources: int, seed: int, name: str = "first", source: str = "input") -> SpikingLayer:
    generator = torch.Generator().manual_seed(seed)
    weights = torch.randn(channels, sources, generator=generator)
    one = torch.ones(channels)
    return SpikingLayer(weights, 0.1 * one, 0.5 * one, one, name=name, sources=(source,))


def _case() -> tuple[SpikingLayer, Tensor, Tensor]:
    """A layer, its uneven charge, and what the quantised ANN answers to the sum of it."""
    generator = torch.Generator().manual_seed(3)
    layer = _layer(20, 12, 1)
    source = (torch.rand(T, 3000, 12, generator=generator) < torch.linspace(0.6, 0.1, T)[:, None, None]).float()
    charge = layer.charge(source, T)
    return layer, charge, torch.floor(charge.sum(dim=0) + 0.5).clamp(0, T) / T


def _moved(layer: SpikingLayer, charge: Tensor, target: Tensor, whole: bool = False) -> Tensor:
    return moved_potential(layer, layer.fire(charge).mean(dim=(0, 1)), target.mean(dim=0), T, whole)


def _mean_error(layer: SpikingLayer, charge: Tensor, target: Tensor) -> float:
    return float((target.mean(dim=0) - layer.fire(charge).mean(dim=(0, 1))).abs().mean())


def test_the_mean_error_of_a_layer_goes_to_zero_on_its_own_images() -> None:
    layer, charge, target = _case()
    errors = [_mean_error(layer, charge, target)]
    for _ in range(12):
        layer = layer.moved(_moved(layer, charge, target))
        errors.append(_mean_error(layer, charge, target))
    assert errors[0] > 0.01
    assert errors[1] < 0.75 * errors[0]
    assert errors[-1] < 0.1 * errors[0]


def test_the_update_is_that_of_the_paper() -> None:
    layer, charge, target = _case()
    rate = layer.fire(charge).mean(dim=0)
    expected = layer.potential + T * (target.mean(dim=0) - rate.mean(dim=0))
    assert torch.allclose(_moved(layer, charge, target), expected)


def test_constant_charge_is_right_already_and_keeps_its_potential() -> None:
    layer = _layer(20, 12, 2)
    inputs = torch.rand(500, 12, generator=torch.Generator().manual_seed(4))
    target = torch.floor(layer.charge(inputs[None], T).sum(dim=0) + 0.5).clamp(0, T) / T
    (calibrated,) = calibrate_potentials([layer], inputs, [target.mean(dim=0)], T, whole=False)
    assert torch.allclose(calibrated.potential, layer.potential, atol=1e-3)


def test_a_layer_hears_calibrated_layers() -> None:
    first, second = _layer(9, 5, 6), _layer(7, 9, 7, "second", "first")
    inputs = torch.rand(200, 5, generator=torch.Generator().manual_seed(8))
    targets = [torch.full((200, 9), 0.3), torch.full((200, 7), 0.4)]
    calibrated = calibrate_potentials([first, second], inputs, [target.mean(dim=0) for target in targets], T, whole=False)
    moved = first.moved(_moved(first, first.charge(inputs[None], T), targets[0]))
    heard = second.charge(moved.fire(moved.charge(inputs[None], T)), T)
    deaf = second.charge(first.fire(first.charge(inputs[None], T)), T)
    assert torch.equal(calibrated[0].potential, moved.potential)
    assert torch.equal(calibrated[1].potential, _moved(second, heard, targets[1]))
    assert not torch.equal(calibrated[1].potential, _moved(second, deaf, targets[1]))


def test_whole_potentials_round_halves_up_in_units_of_the_threshold() -> None:
    one = torch.ones(2)
    layer = SpikingLayer(torch.zeros(2, 1), 0 * one, torch.tensor([3.0, 3.0]), torch.tensor([10.0, 10.0]))
    target = torch.tensor([0.125, 0.124])
    assert moved_potential(layer, torch.zeros(2), target, 2, whole=True).tolist() == [6.0, 5.0]
