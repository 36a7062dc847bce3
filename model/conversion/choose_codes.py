"""Wire codes by cost: for each deferred layer the code with the least product of operations and passes on sample images.

All codes carry the same integers, so a layer's code changes nothing but the cost of two layers: the one that sends and the
one that receives. Both figures follow from the levels of the integer reference alone:

* operations: compares and resets of the sender; accumulates and doublings of the receiver. They are the golden counts.
* passes of the engines, one a cycle where a layer has as many lanes as neurons: fire passes, passes that only send and
  events sent; of the receiver spikes received (a packet of k counts k) and markers. They are what depends on the code in
  the cycle rule of docs/rtl.md.

A layer that is read by several others costs what all of them cost; where one of these has other sources with bit planes too,
which it doubles together, its doublings are those of this layer alone. A pass of a map takes a cycle a position.

The product, energy times delay, weighs a percent of the one like a percent of the other. Of equal products the first of bits,
unary, count is taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from model.conversion.chunks import chunks
from model.golden.counts import compares_of_frame
from model.integer_network import Layer, Network, Neuron, NeuronMode, WireCode, verify_network, with_proved_widths
from model.integer_network.codes import wire_steps
from model.integer_network.connections import fan_out
from model.integer_network.structure import IntArray
from model.integer_network.verify import LARGEST_POTENTIAL_BITS
from model.integer_network.widths import needs_saturation, required_bits
from model.reference import evaluate_reference

CANDIDATES = (WireCode.BITS, WireCode.UNARY, WireCode.COUNT)
"""In the order in which equal costs are decided."""


@dataclass(frozen=True)
class CodeCost:
    """What depends on a layer's code, summed over all images of the sample.

    Attributes:
        operations: compares, resets, accumulates and doublings.
        passes: of the engines that send and receive.
    """

    operations: int
    passes: int

    @property
    def product(self) -> int:
        """What is minimised."""
        return self.operations * self.passes


@dataclass(frozen=True)
class Choice:
    """The code of one layer.

    Attributes:
        layer: its name.
        code: the one it has.
        automatic: whether it was chosen by cost.
        images: size of the sample.
        costs: of every code that fits the widths, in the order of ``CANDIDATES``.
    """

    layer: str
    code: WireCode
    automatic: bool
    images: int
    costs: dict[WireCode, CodeCost]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; figures are means an image."""
        return {
            "code": str(self.code),
            "automatic": self.automatic,
            "images": self.images,
            "candidates": {
                str(code): {"operations": cost.operations / self.images, "passes": cost.passes / self.images}
                for code, cost in self.costs.items()
            },
            "reason": self.reason,
        }

    @property
    def reason(self) -> str:
        """One line: the code, and operations and passes an image of all of them."""
        why = "cheapest" if self.automatic else "given"
        figures = (
            f"{code} {cost.operations / self.images:,.0f} operations × {cost.passes / self.images:,.0f} passes"
            for code, cost in sorted(self.costs.items(), key=lambda item: item[0] is not self.code)
        )
        return f"{self.layer}: {self.code} ({why}): " + ", ".join(figures)


def choose_codes(
    network: Network, automatic: Sequence[bool], input_levels: npt.NDArray[np.integer[Any]]
) -> tuple[Network, list[Choice]]:
    """Give every layer that leaves it open its cheapest code.

    Args:
        network: a verified network.
        automatic: for each hidden layer, whether its code may be exchanged.
        input_levels: (images, channels), of the sample.

    Returns:
        The verified network, and a choice for every deferred hidden layer.
    """
    sent = levels_sent(network, input_levels)
    layers, choices = [], []
    for layer, free in zip(network.hidden, automatic, strict=True):
        if layer.neuron.mode is not NeuronMode.DEFERRED:
            layers.append(layer)
            continue
        costs = code_costs(network, layer, sent[layer.name])
        code = min(costs, key=lambda tried: costs[tried].product) if free else layer.neuron.code
        layers.append(replace(layer, neuron=with_code(layer.neuron, code)))
        choices.append(Choice(layer.name, code, free, len(input_levels), costs))
    chosen = replace(network, layers=(*layers, network.readout))
    return verify_network(with_proved_widths(chosen)), choices


@dataclass(frozen=True, eq=False)
class LevelsSent:
    """What a layer sent, summed over the images of a sample.

    Attributes:
        images: size of the sample.
        values: its levels, ascending.
        counts: how often each was sent.
        reached: the same with every level counted once for each potential that it reaches.
    """

    images: int
    values: IntArray
    counts: IntArray
    reached: IntArray


def levels_sent(network: Network, input_levels: npt.NDArray[np.integer[Any]]) -> dict[str, LevelsSent]:
    """Levels of every deferred hidden layer by the integer reference, in bounded memory.

    Args:
        network: a verified network.
        input_levels: (images, pixels), of the sample.
    """
    layers = [layer for layer in network.hidden if layer.neuron.mode is NeuronMode.DEFERRED]
    if not layers:
        return {}
    reach = {layer.name: _fan_out(network, layer) for layer in layers}
    sums = {layer.name: np.zeros((2, _values(layer.neuron).size), dtype=np.int64) for layer in layers}
    for chosen in chunks(network, len(input_levels)):
        levels = evaluate_reference(network, input_levels[chosen]).levels
        for layer in layers:
            sums[layer.name] += _histograms(layer.neuron, levels[layer.name], reach[layer.name])
    return {layer.name: LevelsSent(len(input_levels), _values(layer.neuron), *sums[layer.name]) for layer in layers}


def _values(neuron: Neuron) -> IntArray:
    return np.arange(neuron.lowest, neuron.levels + 1)


def _fan_out(network: Network, layer: Layer) -> IntArray:
    """Potentials that a spike of each neuron reaches in all readers, (neurons,)."""
    source = network.source_map(layer.name)
    return np.asarray(sum(fan_out(group, source).all for _, group in network.readers(layer.name)))


def _histograms(neuron: Neuron, levels: IntArray, reach: IntArray) -> IntArray:
    """Counts of the levels (images, neurons), plain and weighted by the reach of the neurons, (2, values)."""
    places = (levels - neuron.lowest).reshape(-1)
    weights = np.broadcast_to(reach.astype(np.float64), levels.shape).reshape(-1)
    found = [np.bincount(places, weights=taken, minlength=_values(neuron).size) for taken in (None, weights)]
    return np.stack(found).astype(np.int64)


def with_code(neuron: Neuron, code: WireCode) -> Neuron:
    """The same deferred neuron with another code; its width is not proved."""
    return replace(neuron, code=code, time_steps=wire_steps(code, neuron.lowest, neuron.levels))


def code_costs(network: Network, layer: Layer, sent: LevelsSent) -> dict[WireCode, CodeCost]:
    """Cost of every code of a deferred layer whose potential fits.

    Args:
        network: the network.
        layer: the layer that sends.
        sent: what it sends.
    """
    costs = {}
    for code in CANDIDATES:
        neuron = with_code(layer.neuron, code)
        if code is layer.neuron.code or required_bits(network, replace(layer, neuron=neuron)) <= LARGEST_POTENTIAL_BITS:
            costs[code] = _cost(network, replace(layer, neuron=neuron), sent)
    return costs


def _cost(network: Network, layer: Layer, sent: LevelsSent) -> CodeCost:
    neuron = layer.neuron
    readers = network.readers(layer.name)
    potentials = sum(network.potential_map(reader).size for reader, _ in readers)
    spikes, events = _sent(neuron.code, sent.values)
    resets = int(_resets(neuron, sent.values) @ sent.counts)
    compares = compares_of_frame(neuron) * neuron.neurons * sent.images
    doublings = (neuron.time_steps - 1) * potentials * sent.images if neuron.code is WireCode.BITS else 0
    only_sending = neuron.time_steps - 1 if neuron.fires_by_division else 0
    passes_a_frame = len(neuron.fire_multiples) + int(needs_saturation(neuron)) + only_sending + neuron.time_steps
    received = len(readers) * int(spikes @ sent.counts)
    return CodeCost(
        operations=compares + resets + int(spikes @ sent.reached) + doublings,
        passes=passes_a_frame * math.prod(neuron.positions) * sent.images + int(events @ sent.counts) + received,
    )


def _sent(code: WireCode, values: IntArray) -> IntArray:
    """Spikes, a packet of k being k of them, and events of each level, (2, levels)."""
    magnitude = np.abs(values)
    if code is WireCode.BITS:
        ones = _ones(magnitude)
        return np.stack([ones, ones])
    return np.stack([magnitude, (magnitude > 0).astype(np.int64) if code is WireCode.COUNT else magnitude])


def _resets(neuron: Neuron, values: IntArray) -> IntArray:
    """Subtractions that one decision for each level makes, (levels,)."""
    if not neuron.fires_by_division:
        return _ones(values) if neuron.code is WireCode.BITS else values
    left, resets = values - neuron.lowest, np.zeros_like(values)
    for multiple in neuron.fire_multiples:
        fires = left >= multiple
        left = left - multiple * fires
        resets = resets + fires
    return resets


def _ones(values: IntArray) -> IntArray:
    return np.array([int(value).bit_count() for value in values], dtype=np.int64)
