"""A layer of causal neurons in torch: the simulation that calibration looks at, and differentiates.

The unit of the potential is free: thresholds of 1 where weights are learnt, integers where an integer network is
calibrated. There every value is an integer that the data type holds, so the result is the golden simulator's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from model.integer_network import Network, NeuronMode

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


@dataclass(frozen=True, eq=False)
class SpikingLayer:
    """Constants of one layer of causal neurons, in one unit of the potential.

    Attributes:
        weights: (channels, source channels), charge of one spike or of the whole direct input.
        bias: (channels,), of every time step.
        potential: (channels,), V0.
        threshold: (channels,), Θ.
        negative_threshold: (channels,), Θn of leaky neurons, which send −1 below −Θn; None for others.
    """

    weights: Tensor
    bias: Tensor
    potential: Tensor
    threshold: Tensor
    negative_threshold: Tensor | None = None

    def charge(self, source: Tensor, time_steps: int) -> Tensor:
        """Charge with bias of every time step, (time steps, images, channels).

        Args:
            source: values on the wire, (time steps, images, source channels), or (1, …) where every step brings the same.
            time_steps: of the result.
        """
        charge = source @ self.weights.T + self.bias
        return charge.expand(time_steps, *charge.shape[1:])

    def fire(self, charge: Tensor, spike: Spike = step) -> Tensor:
        """Values sent at every time step, (time steps, images, channels), of the charge of the same shape.

        At each step V ← V + charge; where V ≥ Θ: 1, V ← V − Θ; then, leaky, where V + Θn < 0: −1, V ← V + Θn.
        """
        potential = self.potential.expand(charge.shape[1:])
        sent = []
        for now in charge:
            potential = potential + now
            value = spike(potential - self.threshold)
            potential = potential - value * self.threshold
            if self.negative_threshold is not None:
                below = 1 - spike(potential + self.negative_threshold)
                potential = potential + below * self.negative_threshold
                value = value - below
            sent.append(value)
        return torch.stack(sent)

    def moved(self, potential: Tensor) -> SpikingLayer:
        """The same layer with another V0."""
        return replace(self, potential=potential)


def integer_layers(network: Network) -> list[SpikingLayer]:
    """The hidden layers of an integer network of causal neurons."""
    layers = []
    for layer in network.hidden:
        neuron = layer.neuron
        assert neuron.mode is NeuronMode.CAUSAL
        assert neuron.largest_spike == 1
        kind = torch.float64 if neuron.potential_bits > _SINGLE_PRECISION_BITS else torch.float32
        weights, bias, potential, threshold = (
            torch.from_numpy(values).to(kind)
            for values in (layer.synapses[0].weights, neuron.step_bias, neuron.offset, neuron.threshold)
        )
        negative = torch.from_numpy(neuron.negative_threshold).to(kind) if len(neuron.negative_threshold) else None
        layers.append(SpikingLayer(weights, bias, potential, threshold, negative))
    return layers
