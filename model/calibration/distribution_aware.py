"""Parallel conversion without training (Hao et al., ICML 2025): a network of ReLU or clip becomes one of T levels, forward
passes only.

From the front, layer by layer, on training images. The teacher is the network as it was trained, each channel clipped at
θ[c]; the student has rounded weights, T levels, and hears the student's layers before it. ψ and φ take up what it lacks on
average, rounding of the weights included. φ makes the amplitude of every channel another one; the consumers' weights take
the amplitudes up before they are rounded, with the quantiser that trains weights of that width.

On maps every position of every image is a sample of its channel; of many positions some are drawn.

θ[c] is the running maximum of the channel in the paper. Few levels spread over a rare maximum are coarse, so lower
quantiles of its positive activations are tried as well, and validation images choose; the maximum wins among equals.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from model.calibration.da_qcfs import Staircase, calibrated, channel_clip
from model.calibration.images import calibration_images, inputs_of
from model.calibration.student import Heard, Student, StudentLayer, folded_groups, folded_readout, rows
from model.config.schema import Configuration
from model.conversion.resolve import weight_bits_by_layer
from model.conversion.trained import TrainedNetwork, folded_norm
from model.data import Dataset
from model.training.layers import HiddenLayer, Residual
from model.training.loop import deterministic
from model.training.network import QuantisedNetwork

QUANTILES = (1.0, 0.999, 0.99, 0.9)
_MOMENTUM = 0.99
# 0.99**700 < 0.001 of the start is left.
_BATCHES = 700
_BATCH = 256
# Of maps: positions of images, of which there are up to a thousand an image.
_DRAWN = 1 << 16
_DRAWN_BATCH = 4096


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
            quantile: float((student.classes(validation) == labels).double().mean()) for quantile, student in students.items()
        }
    quantile = max(accuracies, key=lambda tried: accuracies[tried])
    chosen = students[quantile]
    report = {
        "images": len(images),
        "levels": levels,
        "quantiles": {str(tried): accuracy for tried, accuracy in accuracies.items()},
        "quantile": quantile,
        "layers": [_moved(layer.plan.name, layer.staircase) for layer in chosen.hidden],
    }
    return chosen.numbers(), report


def _converted(config: Configuration, network: QuantisedNetwork, images: Tensor, levels: int, quantile: float) -> Student:
    generator = torch.Generator().manual_seed(config.training.seed)
    *hidden_bits, readout_bits = weight_bits_by_layer(config)
    student = Student(network.input_levels, levels)
    teachers, students = (student.inputs(images, network) for _ in range(2))
    for layer, bits in zip(network.layers(), hidden_bits, strict=True):
        wanted, answer = _of_teacher(network, layer, teachers)
        groups, scale = folded_groups(layer, student, bits)
        bias = torch.from_numpy(folded_norm(layer)[1]).to(images.dtype)
        now = StudentLayer(layer.plan, groups, scale, bias, _unmoved(answer, levels), 1.0)
        given = now.pre_activation(students)
        drawn = _drawn(answer, generator)
        chosen = [rows(values)[drawn] for values in (wanted, answer, given)]
        clip = channel_clip(chosen[1], quantile)
        staircase = Staircase(clip, torch.zeros_like(clip), torch.zeros_like(clip), levels)
        batches = _batches(len(chosen[0]), _DRAWN_BATCH if answer.ndim == 4 else _BATCH, generator)
        staircase = calibrated(staircase, chosen[0], torch.minimum(chosen[1], clip), chosen[2], _MOMENTUM, batches)
        now = replace(now, staircase=staircase, reference=float(staircase.amplitude.max()))
        student.hidden.append(now)
        clipped = torch.minimum(answer, clip.reshape(-1, *(1,) * (answer.ndim - 2)))
        for heard, sent in ((teachers, clipped), (students, now.sent(given))):
            heard.add(layer.plan, sent)
    student.readout = folded_readout(network, student, readout_bits)
    return student


def _of_teacher(network: QuantisedNetwork, layer: HiddenLayer, heard: Heard) -> tuple[Tensor, Tensor]:
    """Pre-activations and activations of a layer of the teacher."""
    plan = layer.plan
    residual = None if plan.added is None else Residual(heard[plan.added], network.ratio(plan))
    wanted = layer.pre_activation(heard[plan.source], residual)
    return wanted, layer.activation(wanted)


def _drawn(values: Tensor, generator: torch.Generator) -> Tensor | slice:
    """Which rows calibrate: of maps at most so many positions of images, all images otherwise."""
    if values.ndim == 2:
        return slice(None)
    return torch.randperm(values.numel() // values.shape[1], generator=generator)[:_DRAWN]


def _unmoved(like: Tensor, levels: int) -> Staircase:
    one = torch.ones(like.shape[1], dtype=like.dtype)
    return Staircase(one, 0 * one, 0 * one, levels)


def _batches(samples: int, size: int, generator: torch.Generator) -> list[Tensor]:
    """Indices of samples, reshuffled whenever all were seen."""
    batches: list[Tensor] = []
    while len(batches) < _BATCHES:
        batches += torch.randperm(samples, generator=generator).split(size)  # type: ignore[no-untyped-call]
    return batches[:_BATCHES]


def _moved(name: str, staircase: Staircase) -> dict[str, Any]:
    before, after = ((values / staircase.clip).abs().mean() for values in (staircase.before, staircase.after))
    return {"layer": name, "mean_before": float(before), "mean_after": float(after)}
