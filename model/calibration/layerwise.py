"""Layer-wise calibration of dual-phase conversion (Wang et al., 2022): weights, bias and V0 by back-propagation through time.

One layer at a time, on inputs recorded from the spiking network and outputs recorded from the quantised ANN:

    loss = KL(softmax(ANN output) ‖ softmax(output of the neurons, mean over time steps))      outputs in activations, per image

Adam, learning rate along half a cosine; stops when the loss on held-out images has not fallen for some epochs, and keeps
the best state, the first included. Weights stay integers: the forward pass rounds and clips them, the gradient passes
straight through where they are not clipped. What is learnt is the change of the real weight gain·w, so that one learning
rate fits weights of any scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from model.calibration.spiking import Link, Residual, Spike, SpikingLayer, TanhSurrogate, step

_IMAGES_AT_ONCE = 256


@dataclass(frozen=True)
class Settings:
    """How long and how fast one layer learns."""

    epochs: int = 100
    patience: int = 10
    batch: int = 128
    learning_rate: float = 1e-4


@dataclass(frozen=True, eq=False)
class Recorded:
    """What a layer hears and should answer.

    Attributes:
        source: (time steps, images, source neurons), as the wire carries it; (1, …) of direct input, in activations.
        target: (images, neurons), level of the ANN.
        levels: of the ANN, so that the target over these is in units of the clip.
        time_steps: T.
        added: the same as the source for each residual.
    """

    source: Tensor
    target: Tensor
    levels: int
    time_steps: int
    added: tuple[Tensor, ...] = ()

    def chosen(self, images: Tensor) -> Recorded:
        """Some of the images, by index."""
        added = tuple(values[:, images] for values in self.added)
        return replace(self, source=self.source[:, images], target=self.target[images], added=added)

    def portions(self, images_at_once: int) -> Iterator[Recorded]:
        """All images, some at a time."""
        for images in torch.arange(len(self.target)).split(images_at_once):  # type: ignore[no-untyped-call]
            yield self.chosen(images)


@dataclass(frozen=True, eq=False)
class TunedLayer:
    """A layer in real numbers: z = gain · Σ round(latent)·activation + residuals + bias, V in thresholds of one clip.

    Attributes:
        latent: weights in units of the integer weight, not rounded, in the shape that the link takes.
        largest_weight: magnitude to which they are clipped.
        gain: (channels,); channels of gain 0 keep their weights.
        bias: (channels,).
        potential: (channels,) or (neurons,), V0 in thresholds.
        clip: λ, the activation that one spike stands for and the threshold of z.
        slope: of the negative side of a leaky neuron, 0 for others.
        spike: the activation that one value of the source's wire stands for, divided by the window of average pooling.
        link: of the weights; None where they are (channels, source neurons).
        residuals: what else is added to z, by value on their wires; nothing of it is learnt.
        name: of the layer.
        sources: names of what its groups read.
    """

    latent: Tensor
    largest_weight: int
    gain: Tensor
    bias: Tensor
    potential: Tensor
    clip: float
    slope: float = 0.0
    spike: float = 1.0
    link: Link | None = None
    residuals: tuple[Residual, ...] = ()
    name: str = ""
    sources: tuple[str, ...] = ("",)

    def spiking(self) -> SpikingLayer:
        """In thresholds."""
        threshold = torch.ones_like(self.bias)
        return SpikingLayer(
            weights=whole_weights(self.latent, self.largest_weight)
            * of_channels(self.gain * self.spike / self.clip, self.latent),
            bias=self.bias / self.clip,
            potential=self.potential,
            threshold=threshold,
            negative_threshold=threshold / self.slope if self.slope else None,
            link=self.link,
            residuals=tuple(replace(residual, weights=residual.weights / self.clip) for residual in self.residuals),
            name=self.name,
            sources=self.sources,
        )


def of_channels(values: Tensor, weights: Tensor) -> Tensor:
    """Constants (channels,) in a shape that goes with weights (channels, …)."""
    return values.reshape(-1, *(1,) * (weights.ndim - 1))


def whole_weights(latent: Tensor, largest: int) -> Tensor:
    """Integers of the narrow range, halves to even as Brevitas has them; straight-through gradient where not clipped."""
    inside = latent.clamp(-largest, largest)
    return inside + (torch.round(inside) - inside).detach()


class _Learnt(nn.Module):
    """The changes that are learnt, all zero at first: real weights, bias and V0."""

    def __init__(self, layer: TunedLayer) -> None:
        super().__init__()
        self._layer = layer
        # Weights of a gain of zero get no gradient, so that what they are divided by does not matter.
        self._whole = 1 / layer.gain.abs().clamp_min(torch.finfo(layer.gain.dtype).tiny)
        self.weights = nn.Parameter(torch.zeros_like(layer.latent))
        self.bias = nn.Parameter(torch.zeros_like(layer.bias))
        self.potential = nn.Parameter(torch.zeros_like(layer.potential))
        self.spike = TanhSurrogate()

    def layer(self) -> TunedLayer:
        """The layer with the changes."""
        return replace(
            self._layer,
            latent=self._layer.latent + self.weights * of_channels(self._whole, self.weights),
            bias=self._layer.bias + self.bias,
            potential=self._layer.potential + self.potential,
        )

    def loss(self, recorded: Recorded, spike: Spike) -> Tensor:
        """Mean over images, a scalar."""
        spiking = self.layer().spiking()
        charge = spiking.charge(recorded.source, recorded.time_steps, recorded.added)
        rate = spiking.fire(charge, spike).mean(dim=0)
        return divergence(rate * self._layer.clip, recorded.target * (self._layer.clip / recorded.levels))


def divergence(output: Tensor, target: Tensor) -> Tensor:
    """KL(softmax(target) ‖ softmax(output)) over neurons, mean over images, of two (images, neurons)."""
    return nn.functional.kl_div(output.log_softmax(dim=1), target.log_softmax(dim=1), log_target=True, reduction="batchmean")


def calibrate_layer(
    layer: TunedLayer, fit: Recorded, held_out: Recorded, settings: Settings, generator: torch.Generator
) -> tuple[TunedLayer, int]:
    """Learn weights, bias and V0 of one layer.

    Args:
        layer: as it is so far.
        fit: what is learnt from.
        held_out: what decides when to stop and which state is kept.
        settings: epochs, patience, batch and learning rate.
        generator: order of the images.

    Returns:
        The state of the lowest held-out loss, and the epoch that it is from; 0 where nothing was better than the start.
    """
    learnt = _Learnt(layer)
    optimiser = torch.optim.Adam(learnt.parameters(), lr=settings.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.epochs)
    best, best_loss, best_epoch = layer, _held_out_loss(learnt, held_out), 0
    for epoch in range(1, settings.epochs + 1):
        for images in torch.randperm(len(fit.target), generator=generator).split(settings.batch):  # type: ignore[no-untyped-call]
            optimiser.zero_grad()
            learnt.loss(fit.chosen(images), learnt.spike).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        schedule.step()
        loss = _held_out_loss(learnt, held_out)
        if loss < best_loss:
            best, best_loss, best_epoch = _detached(learnt.layer()), loss, epoch
        elif epoch - best_epoch >= settings.patience:
            break
    return best, best_epoch


@torch.no_grad()
def _held_out_loss(learnt: _Learnt, held_out: Recorded) -> float:
    sums = (learnt.loss(part, step) * len(part.target) for part in held_out.portions(_IMAGES_AT_ONCE))
    return float(sum(sums, torch.zeros(()))) / len(held_out.target)


def _detached(layer: TunedLayer) -> TunedLayer:
    return replace(layer, latent=layer.latent.detach(), bias=layer.bias.detach(), potential=layer.potential.detach())
