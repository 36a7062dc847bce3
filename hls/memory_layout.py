"""Where a neuron's constants and weights lie in the memories of the kernels.

Neuron ``group * lanes + lane`` works on lane ``lane`` in pass ``group``. Memories lie lane by lane, so that one block of
each, which the pragmas turn into one slice of every word, serves one lane; surplus lanes of the last pass hold constants
that never fire.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.integer_network.structure import IntArray


@dataclass(frozen=True)
class LaneLayout:
    """Neurons of a population on its lanes."""

    neurons: int
    lanes: int

    @property
    def groups(self) -> int:
        """Passes over the lanes."""
        return -(-self.neurons // self.lanes)

    @property
    def padded(self) -> int:
        """Lanes of all passes."""
        return self.groups * self.lanes

    def constants(self, values: IntArray, surplus: int) -> IntArray:
        """Constants a neuron, (neurons,), as a memory [lane][group], (padded,)."""
        return np.ascontiguousarray(self._grouped(values, surplus).T).reshape(-1)

    def weights(self, weights: IntArray) -> IntArray:
        """Weights (neurons, sources) as a memory [lane][source][group], (padded * sources,)."""
        return np.ascontiguousarray(self._grouped(weights, 0).transpose(1, 2, 0)).reshape(-1)

    def _grouped(self, values: IntArray, surplus: int) -> IntArray:
        grouped = np.full((self.padded, *values.shape[1:]), surplus, dtype=np.int64)
        grouped[: self.neurons] = values
        return grouped.reshape(self.groups, self.lanes, *values.shape[1:])
