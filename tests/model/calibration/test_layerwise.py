"""Layer-wise calibration: gradients through time, integer weights, early stopping."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from model.calibration.layerwise import Recorded, Settings, TunedLayer, _Learnt, calibrate_layer, divergence, whole_weights
from model.calibration.spiking import step

T = 4
FAST = Settings(epochs=15, patience=5, batch=32, learning_rate=0.01)


def _layer(slope: float = 0.0) -> TunedLayer:
    generator = torch.Generator().manual_seed(1)
    latent = 7 * (2 * torch.rand(6, 8, generator=generator) - 1)
    gain = 0.05 + 0.1 * torch.rand(6, generator=generator)
    gain[1] = -gain[1]
    return TunedLayer(latent, 7, gain, torch.zeros(6), torch.full((6,), 0.5), clip=1.5, slope=slope)


def _recorded(images: int, seed: int, layer: TunedLayer) -> Recorded:
    """Random trains, and the answer of the layer's own ANN."""
    source = (torch.rand(T, images, 8, generator=torch.Generator().manual_seed(seed)) < 0.4).float() * 1.2
    spiking = layer.spiking()
    level = torch.floor(spiking.charge(source, T).sum(dim=0) + 0.5).clamp(0, T)
    return Recorded(source, level, T, T)


def _loss(layer: TunedLayer, recorded: Recorded) -> float:
    spiking = layer.spiking()
    rate = spiking.fire(spiking.charge(recorded.source, T)).mean(dim=0)
    return float(divergence(rate * layer.clip, recorded.target / T * layer.clip))


@pytest.mark.parametrize("slope", [0.0, 0.5])
def test_gradients_reach_everything_that_is_learnt(slope: float) -> None:
    layer = _layer(slope)
    learnt = _Learnt(layer)
    learnt.loss(_recorded(64, 2, layer), learnt.spike).backward()  # type: ignore[no-untyped-call]
    gradients = {name: parameter.grad for name, parameter in learnt.named_parameters()}
    assert set(gradients) == {"weights", "bias", "potential", "spike.slope"}
    for gradient in gradients.values():
        assert gradient is not None
        assert torch.isfinite(gradient).all()
        assert (gradient != 0).all()


def test_gradients_flow_through_time() -> None:
    layer = _layer()
    learnt = _Learnt(layer)
    recorded = _recorded(16, 3, layer)
    source = recorded.source.clone().requires_grad_()
    spiking = learnt.layer().spiking()
    spiking.fire(spiking.charge(source, T), learnt.spike)[-1].sum().backward()  # type: ignore[no-untyped-call]
    assert source.grad is not None
    assert all((step_gradient != 0).any() for step_gradient in source.grad)


def test_weights_round_halves_to_even_inside_the_narrow_range_with_a_straight_gradient() -> None:
    latent = torch.tensor([0.5, 1.5, -2.5, 6.9, 7.6, -9.0], requires_grad=True)
    whole = whole_weights(latent, 7)
    whole.sum().backward()  # type: ignore[no-untyped-call]
    assert whole.tolist() == [0, 2, -2, 7, 7, -7]
    assert latent.grad is not None
    assert latent.grad.tolist() == [1, 1, 1, 1, 0, 0]


def test_a_shifted_bias_is_learnt_back_and_weights_stay_integers() -> None:
    layer = _layer()
    fit, held_out = _recorded(256, 4, layer), _recorded(64, 5, layer)
    shifted = replace(layer, bias=layer.bias + torch.tensor([0.3, -0.3, 0.2, -0.2, 0.3, 0.0]))
    calibrated, epoch = calibrate_layer(shifted, fit, held_out, FAST, torch.Generator().manual_seed(6))
    assert epoch > 0
    assert _loss(calibrated, held_out) < 0.7 * _loss(shifted, held_out)
    weights = whole_weights(calibrated.latent, 7)
    assert torch.equal(weights, torch.round(weights))
    assert weights.abs().max() <= 7
    assert not calibrated.latent.requires_grad


def test_the_start_is_kept_where_nothing_is_better() -> None:
    layer = _layer()
    fit = _recorded(64, 4, layer)
    held_out = Recorded(fit.source, _rate(layer, fit.source) * T, T, T)
    assert _loss(layer, held_out) == 0
    calibrated, epoch = calibrate_layer(layer, fit, held_out, FAST, torch.Generator().manual_seed(6))
    assert epoch == 0
    assert calibrated is layer


def test_a_channel_of_gain_zero_keeps_its_weights() -> None:
    layer = _layer()
    gain = layer.gain.clone()
    gain[2] = 0
    layer = replace(layer, gain=gain, bias=layer.bias + 0.3)
    calibrated, epoch = calibrate_layer(
        layer, _recorded(64, 4, _layer()), _recorded(64, 5, _layer()), FAST, torch.Generator().manual_seed(1)
    )
    assert epoch > 0
    assert torch.equal(calibrated.latent[2], layer.latent[2])
    assert torch.isfinite(calibrated.latent).all()
    assert not torch.equal(calibrated.latent, layer.latent)


def test_the_seed_decides_the_result() -> None:
    layer = replace(_layer(), bias=torch.full((6,), 0.3))
    fit, held_out = _recorded(128, 4, _layer()), _recorded(64, 5, _layer())

    def run(seed: int) -> Tensor:
        return calibrate_layer(layer, fit, held_out, FAST, torch.Generator().manual_seed(seed))[0].latent

    assert torch.equal(run(1), run(1))
    assert not torch.equal(run(1), run(2))


def test_direct_input_counts_at_every_step() -> None:
    layer = _layer()
    inputs = torch.rand(10, 8, generator=torch.Generator().manual_seed(9))
    spiking = layer.spiking()
    repeated = spiking.fire(spiking.charge(inputs.expand(T, 10, 8), T), step)
    assert torch.equal(spiking.fire(spiking.charge(inputs[None], T), step), repeated)


def _rate(layer: TunedLayer, source: Tensor) -> Tensor:
    spiking = layer.spiking()
    return spiking.fire(spiking.charge(source, T)).mean(dim=0)
