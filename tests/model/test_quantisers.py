"""The Brevitas quantisers against their formulas."""

import logging

import numpy as np
import pytest
import torch
from brevitas.nn import QuantIdentity, QuantLinear

from model.training.quantisers import UnitWeights, hidden_weights, level_activation, readout_weights


def activation(levels: int, clip: float) -> QuantIdentity:
    return QuantIdentity(act_quant=level_activation(levels, clip))


@pytest.mark.parametrize("levels", [1, 2, 3, 4, 5, 7, 8, 15, 64])
def test_the_activation_is_the_quantised_clip_floor_shift_function(levels: int) -> None:
    """Steps of 1/4 keep everything exact in binary, so every tie between two levels is a tie."""
    clip = levels / 4
    values = torch.arange(-64, 64 * levels, dtype=torch.float32) / 32
    expected = np.clip(np.floor(values.numpy() * levels / clip + 0.5), 0, levels) / 4
    assert np.array_equal(activation(levels, clip)(values).detach().numpy(), expected)


def test_halves_go_up_on_every_side() -> None:
    values = torch.tensor([-0.5, 0.5, 1.5, 2.5])
    assert activation(3, 3.0)(values).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("levels", [1, 3, 5])
def test_the_gradient_passes_inside_the_clip_and_moves_the_clip_outside(levels: int) -> None:
    quantiser = activation(levels, 2.0)
    values = torch.tensor([-1.5, 0.9, 5.0], requires_grad=True)
    quantiser(values).sum().backward()
    assert values.grad is not None
    assert values.grad.tolist() == [0, 1, 0]
    (clip,) = quantiser.parameters()
    inside = np.clip(np.floor(0.9 * levels / 2 + 0.5), 0, levels) / levels - 0.9 / 2
    assert float(clip.grad) == pytest.approx(1 + inside)  # 1 of the value above the clip, the rounding error of the one inside


@pytest.mark.parametrize("bits", range(2, 9))
def test_hidden_weights_are_narrow_range_with_a_scale_for_every_channel(bits: int) -> None:
    torch.manual_seed(bits)
    layer = QuantLinear(50, 7, bias=False, weight_quant=hidden_weights(bits))
    weight = layer.quant_weight()
    integers = weight.int().to(torch.int64)
    largest = (1 << (bits - 1)) - 1
    assert weight.scale.shape == (7, 1)
    assert integers.abs().amax(dim=1).tolist() == [largest] * 7
    assert torch.equal(weight.value, integers * weight.scale)


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_readout_weights_have_one_scale(bits: int) -> None:
    layer = QuantLinear(50, 7, bias=True, weight_quant=readout_weights(bits))
    weight = layer.quant_weight()
    assert weight.scale.numel() == 1
    assert int(weight.int().to(torch.int64).abs().max()) == (1 << (bits - 1)) - 1


@pytest.mark.parametrize("bits", [2, 5, 8])
def test_unit_weights_stay_as_they_are(bits: int) -> None:
    largest = (1 << (bits - 1)) - 1
    layer = QuantLinear(2 * largest + 1, 1, bias=False, weight_quant=UnitWeights.let(bit_width=bits)).double()
    integers = torch.arange(-largest, largest + 1, dtype=torch.float64).reshape(1, -1)
    layer.weight.data = integers
    assert torch.equal(layer.quant_weight().value, integers)
    assert float(layer.quant_weight().scale) == 1


def test_a_machine_with_a_cuda_compiler_and_no_gpu_trains_without_a_warning() -> None:
    assert not logging.getLogger("torch.utils.cpp_extension").isEnabledFor(logging.WARNING)
