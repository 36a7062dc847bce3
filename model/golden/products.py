"""Charges of whole frames as exact matrix products of levels and weights.

Charge is linear: Σ over the time steps of the charge of spikes is the charge of what they add up to. So one product of levels
replaces one for every time step. It runs in floating point, which is exact as long as every partial sum is an integer that the
mantissa holds; partial sums in any order lie in the range that ``charge_range`` proves.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from model.golden.charge import Charge, Values
from model.integer_network.shapes import Shape
from model.integer_network.structure import Synapses
from model.integer_network.widths import charge_range, signed_bits

SINGLE_PRECISION_BITS = 25
"""Widest two's complement number whose every value single precision holds: magnitudes to 2**24."""

_LARGEST_EXACT = 1 << (SINGLE_PRECISION_BITS - 1)
_FEWEST_CHANNELS = 32


def exact_type(potential_bits: int) -> type[np.float32] | type[np.float64]:
    """The floating point type that holds every potential of a proved width."""
    return np.float32 if potential_bits <= SINGLE_PRECISION_BITS else np.float64


class ExactProduct:
    """Charges (frames, potentials) of values (frames, source neurons) in a known range.

    Where the ranges allow, two frames share one row of operands: x = a + S·b, with S above the span of every neuron's charge,
    gives A + S·B, from which both charges are read. That halves the product, and of a convolution what is copied for it.
    """

    def __init__(self, synapses: Synapses, source: Shape, low: int, high: int, bits: int) -> None:
        """Prepare the weights.

        Args:
            synapses: weights of the layer.
            source: the map of their source.
            low: lowest value of the source, at most 0.
            high: its highest value.
            bits: width of the layer's potentials and sums of charges.
        """
        lowest, highest = charge_range(synapses, low, high)
        self.dtype = exact_type(max(bits, signed_bits(int(lowest.min()), int(highest.max()))))
        self._charge = Charge(synapses, source, self.dtype)
        positions = synapses.output(source).size // len(lowest)
        self._stride = packing_stride(lowest, highest) if _is_worth_packing(synapses) else 0
        self._lowest = lowest.astype(np.float32).repeat(positions)

    @property
    def packs(self) -> bool:
        """True where two frames share a row."""
        return self._stride > 0

    def __call__(self, values: Values) -> Values:
        """Charges, a new array of ``dtype``, of integer or floating values."""
        if not self.packs or len(values) < 2:
            return self._charge(values)
        half = (len(values) + 1) // 2
        second = len(values) - half
        stride = np.float32(self._stride)
        operands = np.zeros((half, values.shape[1]), dtype=np.float32)
        np.multiply(values[half:], stride, out=operands[:second])
        operands += values[:half]
        packed = self._charge(operands)
        charges = np.empty((len(values), packed.shape[1]), dtype=np.float32)
        upper = charges[half:]
        np.subtract(packed[:second], self._lowest, out=upper)
        upper /= stride
        np.floor(upper, out=upper)
        np.multiply(upper, -stride, out=charges[:second])
        charges[second:half] = 0
        charges[:half] += packed
        return charges


def _is_worth_packing(synapses: Synapses) -> bool:
    """Packing costs a few passes over inputs and charges, so a charge must have some products and an input some readers."""
    return min(int(synapses.weights[0].size), len(synapses.weights) // synapses.groups) >= _FEWEST_CHANNELS


def packing_stride(lowest: npt.NDArray[np.int64], highest: npt.NDArray[np.int64]) -> int:
    """The smallest S that keeps two charges apart, or 0 where single precision does not hold what it leads to.

    Args:
        lowest: (neurons,), at most 0.
        highest: (neurons,), at least 0.
    """
    stride = int((highest - lowest).max()) + 1
    magnitude = np.maximum(highest, -lowest)
    # Every partial sum A + S·B, and that less the lowest charge, which decoding forms.
    return stride if int((stride * magnitude + magnitude - lowest).max()) < _LARGEST_EXACT else 0
