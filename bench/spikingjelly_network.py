"""A causal integer network in SpikingJelly's neurons."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import torch
from torch import nn

from model.base.errors import UserError
from model.golden import input_levels
from model.golden.levels import LevelResult
from model.integer_network import Network

SPIKINGJELLY = "spikingjelly"
_MISSING = "the package spikingjelly is not installed; .venv/bin/python -m pip install --no-deps -r bench/requirements.txt"


def _module(name: str) -> Any:
    try:
        return import_module(f"{SPIKINGJELLY}.activation_based.{name}")
    except ModuleNotFoundError as error:
        raise UserError(f"{_MISSING} ({error})") from error


class SpikingJellyNetwork:
    """Linear layers and soft-reset IF neurons of SpikingJelly, started at the network's initial potentials.

    ``normalised`` False: ``SimpleIFNode``, whose threshold may differ by neuron, on the integers themselves, exact in single
    precision like ours. True: ``IFNode``, the usual one, with threshold 1 on weights and biases divided by the thresholds;
    half a unit more at the start keeps every decision half a unit away from a tie, where rounding could turn it.
    """

    def __init__(self, network: Network, pixels: Any, normalised: bool) -> None:
        neurons, functional = _module("neuron"), _module("functional")
        self._reset = functional.reset_net
        levels = input_levels(pixels, network.encoder)
        self._input = torch.from_numpy(levels).to(torch.float32)
        self.time_steps = network.hidden[0].neuron.time_steps
        self._offset = _float(network.readout.neuron.offset)
        self._nodes: list[tuple[Any, torch.Tensor]] = []
        modules: list[nn.Module] = []
        for layer in network.hidden:
            threshold = _float(layer.neuron.threshold)
            weights, bias = _float(layer.synapses[0].weights), _float(layer.neuron.step_bias)
            initial = _float(layer.neuron.offset)
            if normalised:
                weights, bias, initial = weights / threshold[:, None], bias / threshold, (initial + 0.5) / threshold
                node = neurons.IFNode(v_threshold=1.0, v_reset=None)
            else:
                node = neurons.SimpleIFNode(v_threshold=threshold, v_reset=None)
            self._nodes.append((node, initial.expand(len(levels), -1).contiguous()))
            modules += [_linear(weights, bias), node]
        modules.append(_linear(_float(network.readout.synapses[0].weights), None))
        self._first, self._rest = modules[0], nn.Sequential(*modules[1:]).eval()
        self._network = nn.Sequential(*modules).eval()

    def _begin(self) -> None:
        self._reset(self._network)
        for node, initial in self._nodes:
            node.v = initial

    def scores(self) -> torch.Tensor:
        """All time steps in single-step mode, as SpikingJelly's tutorials write it: the whole network in every step."""
        with torch.inference_mode():
            self._begin()
            total: torch.Tensor = self._network(self._input)
            for _ in range(self.time_steps - 1):
                total += self._network(self._input)
            return total + self._offset

    def scores_with_one_first_product(self) -> torch.Tensor:
        """The same with the charge of the constant input taken out of the loop by hand."""
        with torch.inference_mode():
            self._begin()
            charge = self._first(self._input)
            total: torch.Tensor = self._rest(charge)
            for _ in range(self.time_steps - 1):
                total += self._rest(charge)
            return total + self._offset

    def differences(self, expected: LevelResult) -> int:
        """Spike counts of every neuron and frame, and scores, that differ from ours."""
        sums: dict[int, torch.Tensor] = {}

        def add(index: int, spikes: torch.Tensor) -> None:
            sums[index] = sums[index] + spikes if index in sums else spikes.clone()

        hooks = [
            node.register_forward_hook(lambda _module, _inputs, output, index=index: add(index, output))
            for index, (node, _) in enumerate(self._nodes)
        ]
        got = self.scores()
        for hook in hooks:
            hook.remove()
        different = int((got != torch.from_numpy(expected.scores)).sum())
        for index, counts in enumerate(expected.levels.values()):
            different += int((sums[index] != torch.from_numpy(counts)).sum())
        return different


def _float(integers: Any) -> torch.Tensor:
    return torch.from_numpy(integers).to(torch.float32)


def _linear(weights: torch.Tensor, bias: torch.Tensor | None) -> nn.Linear:
    linear = nn.Linear(weights.shape[1], weights.shape[0], bias=bias is not None)
    with torch.no_grad():
        linear.weight.copy_(weights)
        if bias is not None:
            linear.bias.copy_(bias)
    return linear
