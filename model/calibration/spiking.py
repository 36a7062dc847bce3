"""A layer of causal neurons in torch: the simulation that calibration looks at, and differentiates.

The unit of the potential is free: thresholds of 1 where weights are learnt, integers where an integer network is
calibrated. There every value is an integer that the data type holds, so the result is the golden simulator's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from model.conversion.trained import TrainedSynapses
from model.integer_network import Network, NeuronMode, Shape, Synapses

Spike = Callable[[Tensor], Tensor]

_FIRST_SLOPE = 2.5
_SINGLE_PRECISION_BITS = 24


def step(distance: Tensor) -> Tensor:
    """1 where the potential has reached the threshold, else 0; no gradient."""
    return (distance >= 0).to(distance.dtype)


class TanhSurrogate(nn.Module):
    """The same with the gradient of 0.5·tanh(slope·x) + 0.5, whose slope is learnt (Wang et al., 2022)."""

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(_FIRST_SLOPE))

    def forward(self, distance: Tensor) -> Tensor:
        """Spikes of the distance to the threshold, in thresholds, any shape."""
        soft = 0.5 * torch.tanh(self.slope * distance)
        return step(distance) + (soft - soft.detach())


@dataclass(frozen=True)
class Link:
    """How the weights of a group reach potentials: what a group of synapses has besides them.

    Attributes:
        source: the map of what is read, before average pooling.
        pooling: average pooling as a sum, (rows, columns).
        stride: of a convolution.
        padding: of a convolution.
        groups: of a convolution.
    """

    source: Shape
    pooling: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    groups: int = 1

    def sums(self, weights: Tensor, values: Tensor) -> Tensor:
        """Values (…, source neurons) to potentials (…, neurons).

        Args:
            weights: (channels, pooled inputs), or of a convolution (channels, input channels / groups, rows, columns).
            values: of any type.
        """
        maps = values.to(weights.dtype).reshape(-1, *self.source)
        if self.pooling != (1, 1):
            maps = nn.functional.avg_pool2d(maps, self.pooling, divisor_override=1)
        if weights.ndim == 2:
            sums = maps.flatten(1) @ weights.T
        else:
            sums = nn.functional.conv2d(maps, weights, None, self.stride, self.padding, 1, self.groups)
        return sums.reshape(*values.shape[:-1], -1)


def link_of(group: Synapses | TrainedSynapses, source: Shape) -> Link:
    """The link of a group of synapses that reads a map."""
    return Link(source, group.pooling, group.stride, group.padding, group.groups)


@dataclass(frozen=True, eq=False)
class Residual:
    """A second group of weights: of the shape that its link takes."""

    weights: Tensor
    link: Link


@dataclass(frozen=True, eq=False)
class SpikingLayer:
    """Constants of one layer of causal neurons, in one unit of the potential.

    Attributes:
        weights: charge of one spike or of the whole direct input, in the shape that the link takes.
        bias: (channels,), of every time step.
        potential: (channels,) or (neurons,), V0.
        threshold: (channels,), Θ.
        negative_threshold: (channels,), Θn of leaky neurons, which send −1 below −Θn; None for others.
        link: of the weights; None where they are (channels, source neurons).
        residuals: further groups.
        name: of the layer.
        sources: names of what its groups read.
    """

    weights: Tensor
    bias: Tensor
    potential: Tensor
    threshold: Tensor
    negative_threshold: Tensor | None = None
    link: Link | None = None
    residuals: tuple[Residual, ...] = ()
    name: str = ""
    sources: tuple[str, ...] = ("",)

    def charge(self, source: Tensor, time_steps: int, added: Sequence[Tensor] = ()) -> Tensor:
        """Charge with bias of every time step, (time steps, images, neurons).

        Args:
            source: values on the wire, (time steps, images, source neurons), or (1, …) where every step brings the same.
            time_steps: of the result.
            added: the same of each residual.
        """
        link = self.link or Link(Shape(self.weights.shape[1]))
        charge = link.sums(self.weights, source)
        for residual, values in zip(self.residuals, added, strict=True):
            charge = charge + residual.link.sums(residual.weights, values)
        charge = charge + spread(self.bias, charge.shape[-1])
        return charge.expand(time_steps, *charge.shape[1:])

    def fire(self, charge: Tensor, spike: Spike = step) -> Tensor:
        """Values sent at every time step, (time steps, images, neurons), of the charge of the same shape.

        At each step V ← V + charge; where V ≥ Θ: 1, V ← V − Θ; then, leaky, where V + Θn < 0: −1, V ← V + Θn.
        """
        neurons = charge.shape[-1]
        threshold = spread(self.threshold, neurons)
        negative = None if self.negative_threshold is None else spread(self.negative_threshold, neurons)
        potential = spread(self.potential, neurons).expand(charge.shape[1:])
        sent = []
        for now in charge:
            potential = potential + now
            value = spike(potential - threshold)
            potential = potential - value * threshold
            if negative is not None:
                below = 1 - spike(potential + negative)
                potential = potential + below * negative
                value = value - below
            sent.append(value)
        return torch.stack(sent)

    def moved(self, potential: Tensor) -> SpikingLayer:
        """The same layer with another V0."""
        return replace(self, potential=potential)


def spread(values: Tensor, neurons: int) -> Tensor:
    """Constants of channels (channels,) as one of every neuron; what is (neurons,) already stays as it is."""
    return values if len(values) == neurons else values.repeat_interleave(neurons // len(values))


def integer_layers(network: Network) -> list[SpikingLayer]:
    """The hidden layers of an integer network of causal neurons."""
    layers = []
    for layer in network.hidden:
        neuron = layer.neuron
        assert neuron.mode is NeuronMode.CAUSAL
        assert neuron.largest_spike == 1
        kind = torch.float64 if neuron.potential_bits > _SINGLE_PRECISION_BITS else torch.float32
        bias, potential, threshold = (
            torch.from_numpy(values).to(kind) for values in (neuron.step_bias, neuron.offset, neuron.threshold)
        )
        first, *others = (
            Residual(torch.from_numpy(group.weights).to(kind), link_of(group, network.source_map(group.source)))
            for group in layer.synapses
        )
        layers.append(
            SpikingLayer(
                weights=first.weights,
                bias=bias,
                potential=potential,
                threshold=threshold,
                negative_threshold=torch.from_numpy(neuron.negative_threshold).to(kind) if neuron.is_leaky else None,
                link=first.link,
                residuals=tuple(others),
                name=layer.name,
                sources=tuple(group.source for group in layer.synapses),
            )
        )
    return layers
