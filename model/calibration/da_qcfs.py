"""The distribution-aware staircase of parallel conversion (Hao et al., ICML 2025), and what it is calibrated by.

    DA-QCFS(z)[c] = (θ[c] + φ[c])/T · clip(⌊((z[c] + ψ[c])·T + θ[c]/2) / θ[c]⌋, 0, T)

θ[c] is the clip of a channel, ψ[c] moves its pre-activation and φ[c] its amplitude, so that both have on average what the
network that they stand for (the teacher) has. Pure functions of tensors; images are rows, channels columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Staircase:
    """Constants (channels,) of one layer: θ, ψ and φ; T levels."""

    clip: Tensor
    before: Tensor
    after: Tensor
    levels: int

    def level(self, pre_activation: Tensor) -> Tensor:
        """Levels 0..T, (images, channels)."""
        return torch.floor((pre_activation + self.before) * self.levels / self.clip + 0.5).clamp(0, self.levels)

    def output(self, pre_activation: Tensor) -> Tensor:
        """Activations (images, channels)."""
        return self.level(pre_activation) * self.amplitude / self.levels

    @property
    def amplitude(self) -> Tensor:
        """θ + φ, (channels,), the activation of T levels; never below zero."""
        return (self.clip + self.after).clamp_min(0)


def channel_clip(activations: Tensor, quantile: float) -> Tensor:
    """θ (channels,): a quantile of each channel's positive activations (images, channels); 1 is the maximum.

    A channel that no image activates gets the mean of the others, 1 where no channel is active; its level is then 0.
    """
    clip = torch.stack([_quantile(channel[channel > 0], quantile) for channel in activations.T])
    active = clip > 0
    return torch.where(active, clip, clip[active].mean() if active.any() else torch.ones_like(clip))


def _quantile(values: Tensor, quantile: float) -> Tensor:
    if not len(values):
        return torch.zeros((), dtype=values.dtype)
    return values.sort().values[round(quantile * (len(values) - 1))]


def calibrated(
    staircase: Staircase, teacher: Tensor, answer: Tensor, student: Tensor, momentum: float, batches: list[Tensor]
) -> Staircase:
    """Running means of what the student lacks, ψ of its pre-activation and φ of its output.

        ψ ← m·ψ + (1 − m)·mean(teacher's pre-activation − student's)        φ ← m·φ + (1 − m)·mean(teacher's output − student's)

    Args:
        staircase: where to begin.
        teacher: its pre-activations, (images, channels).
        answer: its outputs, (images, channels).
        student: pre-activations of the student without ψ, (images, channels).
        momentum: m; after n batches mⁿ of the begin is left.
        batches: indices of the images of each batch.
    """
    clip, before, after, levels = staircase.clip, staircase.before, staircase.after, staircase.levels
    missing = teacher - student
    for images in batches:
        before = momentum * before + (1 - momentum) * missing[images].mean(dim=0)
        now = Staircase(clip, before, after, levels)
        after = momentum * after + (1 - momentum) * (answer[images] - now.output(student[images])).mean(dim=0)
    return Staircase(clip, before, after, levels)


def with_amplitudes(weights: Tensor, amplitude: Tensor, reference: float) -> Tensor:
    """Weights (consumers, channels, …) that hear every channel with one amplitude: w'[o, c] = w[o, c]·amplitude[c] / reference.

    Amplitudes of the source's channels cannot go into thresholds, which belong to the consumer's. This must come before the
    weights are rounded.
    """
    return weights * (amplitude / reference)
