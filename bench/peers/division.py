"""Division by thresholds as an exact product with a binary fraction, for tools that multiply and round but know no threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.peers.function import IntegerFunction
from model.base.errors import UserError
from model.integer_network import Network
from model.integer_network.structure import IntArray, Layer

EXACT_IN_SINGLE_PRECISION = 2**24


@dataclass(frozen=True, eq=False)
class Division:
    """The level of a neuron as max(clip(⌊(Wx + bias) · numerators / 2^shift⌋, 0, 2^bits − 1) − excess, 0).

    The clip at 2^bits − 1 is a saturation. Where the highest level is below it, the bias raises the quotient by the excess.

    Attributes:
        bias, numerators: int64 (neurons,).
        shift, bits: in bits.
        excess: 2^bits − 1 − the highest level.
    """

    bias: IntArray
    numerators: IntArray
    shift: int
    bits: int
    excess: int

    def levels(self, product: IntArray) -> IntArray:
        """Levels of products Wx, (…, neurons), in integers."""
        quotient = ((product + self.bias) * self.numerators) >> self.shift
        return np.asarray(np.maximum(np.clip(quotient, 0, 2**self.bits - 1) - self.excess, 0))


def division(threshold: IntArray, highest: IntArray) -> tuple[IntArray, int]:
    """Numerators m and the least shift k with ⌊v·m / 2^k⌋ = ⌊v / threshold⌋ for 0 ≤ v ≤ highest; below 0 both are below 0.

    m = ⌈2^k / threshold⌉ is exact where (m · threshold − 2^k) · highest < 2^k: the product is then less than 1 / threshold above
    the quotient (Granlund and Montgomery, Division by Invariant Integers using Multiplication, PLDI 1994).

    Args:
        threshold: positive, (neurons,).
        highest: highest dividend of each, (neurons,).
    """
    shift = 0
    while True:
        numerators: IntArray = -(-(2**shift) // threshold)
        if ((numerators * threshold - 2**shift) * np.maximum(highest, 0) < 2**shift).all():
            return numerators, shift
        shift += 1


def divisions(network: Network, function: IntegerFunction) -> tuple[Division, ...]:
    """Those of every hidden layer.

    Raises:
        UserError: a numerator has more bits than single precision.
    """
    most, results = 2**function.bits - 1, []
    for layer, linear in zip(network.hidden, function.layers, strict=False):
        results.append(_division_of(network.name, layer, linear.weights, most))
        most = layer.neuron.levels
    return tuple(results)


def _division_of(network: str, layer: Layer, weights: IntArray, most: int) -> Division:
    neuron = layer.neuron
    bits = neuron.levels.bit_length()
    excess = 2**bits - 1 - neuron.levels
    bias = neuron.offset + excess * neuron.threshold
    numerators, shift = division(neuron.threshold, np.maximum(weights, 0).sum(axis=1) * most + bias)
    longest = int(numerators.max())
    if longest > EXACT_IN_SINGLE_PRECISION:
        raise UserError(
            f"{network}: layer {layer.name}: division by its thresholds takes factors of {longest.bit_length()} bits;"
            " peers are handed single precision, which has 24"
        )
    return Division(bias, numerators, shift, bits, excess)
