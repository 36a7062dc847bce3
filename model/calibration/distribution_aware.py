"""Parallel conversion without training (Hao et al., ICML 2025): a network of ReLU or clip becomes one of T levels, forward
passes only.

From the front, layer by layer, on training images. The teacher is the network as it was trained, each channel clipped at
θ[c]; the student has rounded weights, T levels, and hears the student's layers before it. ψ and φ take up what it lacks on
average, rounding of the weights included. φ makes the amplitude of every channel another one; the consumers' weights take
the amplitudes up before they are rounded, with the quantiser that trains weights of that width.

θ[c] is the running maximum of the channel in the paper. Few levels spread over a rare maximum are coarse, so lower
quantiles of its positive activations are tried as well, and validation images choose; the maximum wins among equals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from brevitas.nn import QuantLinear
from torch import Tensor

from model.calibration.da_qcfs import Staircase, calibrated, channel_clip, with_amplitudes
from model.calibration.images import calibration_images, inputs_of
from model.config.schema import Configuration
from model.conversion.resolve import weight_bits_by_layer
from model.conversion.trained import TrainedLayer, TrainedNetwork, TrainedReadout, integers, reals
from model.data import Dataset
from model.training.loop import deterministic
from model.training.network import HiddenLayer, QuantisedNetwork
from model.training.quantisers import hidden_weights, readout_weights

QUANTILES = (1.0, 0.999, 0.99, 0.9)
_MOMENTUM = 0.99
# 0.99**700 < 0.001 of the start is left.
_BATCHES = 700
_BATCH = 256


def distribution_aware(
    config: Configuration, network: QuantisedNetwork, dataset: Dataset, levels: int
) -> tuple[TrainedNetwork, dict[str, Any]]:
    """Convert to T levels.

    Args:
        config: weight bits, number of calibration images, seed.
        network: relu or clip.
        dataset: training images calibrate, validation images choose the quantile.
        levels: T.

    Returns:
        The numbers of the student, and the report: ``images``, ``levels``, ``quantiles`` with the validation accuracy of each,
        ``quantile``, the chosen one, and for every layer of it the mean magnitude of ψ and φ in units of θ.
    """
    with deterministic(config.training.seed), torch.no_grad():
        network.eval()
        images = calibration_images(config, dataset)
        validation = inputs_of(dataset.validation.images, config.input.bits)
        labels = torch.from_numpy(dataset.validation.labels.astype(np.int64))
        students = {quantile: _converted(config, network, images, levels, quantile) for quantile in QUANTILES}
        accuracies = {
            quantile: float((student.scores(validation).argmax(dim=1) == labels).double().mean())
            for quantile, student in students.items()
        }
    quantile = max(accuracies, key=lambda tried: accuracies[tried])
    chosen = students[quantile]
    report = {
        "images": len(images),
        "levels": levels,
        "quantiles": {str(tried): accuracy for tried, accuracy in accuracies.items()},
        "quantile": quantile,
        "layers": [_moved(f"hidden{index + 1}", layer.staircase) for index, layer in enumerate(chosen.hidden)],
    }
    return chosen.numbers(network.input_levels), report


@dataclass(frozen=True, eq=False)
class RoundedWeights:
    """Integers (channels, source channels) of a weight quantiser, their width, and its scale, (channels,) or one for all."""

    integers: Tensor
    bits: int
    scale: Tensor

    @property
    def values(self) -> Tensor:
        """What they stand for, (channels, source channels)."""
        return self.integers * self.scale[:, None]


@dataclass(frozen=True, eq=False)
class _StudentLayer:
    """A hidden layer; its levels stand for ``reference`` / T in the consumers' weights."""

    weights: RoundedWeights
    bias: Tensor
    staircase: Staircase
    reference: float

    def pre_activation(self, source: Tensor) -> Tensor:
        return source @ self.weights.values.T + self.bias

    def sent(self, pre_activation: Tensor) -> Tensor:
        """What consumers hear, (images, channels)."""
        return self.staircase.level(pre_activation) * (self.reference / self.staircase.levels)

    def numbers(self) -> TrainedLayer:
        stairs, scale = self.staircase, self.weights.scale
        return TrainedLayer(
            weights=integers(self.weights.integers),
            weight_bits=self.weights.bits,
            gain=reals(scale),
            bias=reals(self.bias) + reals(stairs.before),
            unit=self.reference / stairs.levels,
            levels=stairs.levels,
            threshold_unit=reals(stairs.clip) / stairs.levels,
        )


@dataclass(frozen=True, eq=False)
class _Student:
    hidden: list[_StudentLayer]
    readout: RoundedWeights
    bias: Tensor

    def scores(self, inputs: Tensor) -> Tensor:
        for layer in self.hidden:
            inputs = layer.sent(layer.pre_activation(inputs))
        return inputs @ self.readout.values.T + self.bias

    def numbers(self, input_levels: int) -> TrainedNetwork:
        readout = TrainedReadout(
            integers(self.readout.integers), self.readout.bits, float(self.readout.scale[0]), reals(self.bias)
        )
        return TrainedNetwork(input_levels, tuple(layer.numbers() for layer in self.hidden), readout)


def _converted(config: Configuration, network: QuantisedNetwork, images: Tensor, levels: int, quantile: float) -> _Student:
    generator = torch.Generator().manual_seed(config.training.seed)
    *hidden_bits, readout_bits = weight_bits_by_layer(config)
    teacher = student = images
    amplitude, reference = torch.ones(images.shape[1]), 1.0
    hidden = []
    for layer, bits in zip(network.hidden, hidden_bits, strict=True):
        weights, bias = real_weights(layer)  # type: ignore[arg-type]
        rounded = rounded_weights(with_amplitudes(weights, amplitude, reference), bits, per_channel=True)
        wanted, answer = layer.pre_activation(teacher), layer(teacher)  # type: ignore[operator]
        clip = channel_clip(answer, quantile)
        teacher = torch.minimum(answer, clip)
        staircase = Staircase(clip, torch.zeros_like(clip), torch.zeros_like(clip), levels)
        given = student @ rounded.values.T + bias
        staircase = calibrated(staircase, wanted, teacher, given, _MOMENTUM, _batches(len(images), generator))
        amplitude, reference = staircase.amplitude, float(staircase.amplitude.max())
        hidden.append(_StudentLayer(rounded, bias, staircase, reference))
        student = hidden[-1].sent(given)
    weights = with_amplitudes(network.readout.weight, amplitude, reference)
    assert network.readout.bias is not None
    return _Student(hidden, rounded_weights(weights, readout_bits, per_channel=False), network.readout.bias.detach())


def real_weights(layer: HiddenLayer) -> tuple[Tensor, Tensor]:
    """Weights (channels, source channels), before rounding, and bias (channels,), batch norm folded into both."""
    bias = layer.pre_activation(torch.zeros(1, layer.linear.in_features))[0]
    if layer.norm is None:
        return layer.linear.weight, bias
    assert layer.norm.running_var is not None
    factor = layer.norm.weight / torch.sqrt(layer.norm.running_var + layer.norm.eps)
    return layer.linear.weight * factor[:, None], bias


def rounded_weights(weights: Tensor, bits: int, per_channel: bool) -> RoundedWeights:
    """Round with the quantiser of hidden layers, or with the readout's one scale."""
    channels, sources = weights.shape
    quantiser = hidden_weights(bits) if per_channel else readout_weights(bits)
    linear = QuantLinear(sources, channels, bias=False, weight_quant=quantiser)
    linear.weight.data = weights.detach().clone()
    linear.eval()
    quantised = linear.quant_weight()
    return RoundedWeights(quantised.int().float(), bits, quantised.scale.reshape(-1).expand(channels))


def _batches(images: int, generator: torch.Generator) -> list[Tensor]:
    """Indices of images, reshuffled whenever all were seen."""
    batches: list[Tensor] = []
    while len(batches) < _BATCHES:
        batches += torch.randperm(images, generator=generator).split(_BATCH)  # type: ignore[no-untyped-call]
    return batches[:_BATCHES]


def _moved(name: str, staircase: Staircase) -> dict[str, Any]:
    before, after = ((values / staircase.clip).abs().mean() for values in (staircase.before, staircase.after))
    return {"layer": name, "mean_before": float(before), "mean_after": float(after)}
