"""Sums of many bytes at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from model.integer_network.structure import IntArray

Bytes = npt.NDArray[np.uint8]

_LARGEST_BYTE = 255
_LARGEST_NIBBLE = 15


def column_sums(values: Bytes, largest: int) -> IntArray:
    """Sums over the rows of (rows, columns), int64.

    Eight bytes are added at once as one 64-bit number, for as many rows as no byte can overflow.

    Args:
        values: contiguous.
        largest: none of them is larger.
    """
    if largest > 2 * _LARGEST_NIBBLE:
        low = column_sums(values & np.uint8(_LARGEST_NIBBLE), _LARGEST_NIBBLE)
        return low + (_LARGEST_NIBBLE + 1) * column_sums(values >> np.uint8(4), _LARGEST_NIBBLE)
    rows, columns = values.shape
    whole = rows // 8 * 8
    sums = values[whole:].sum(axis=0, dtype=np.int64)
    if whole:
        words = np.ascontiguousarray(values[:whole]).reshape(whole // 8, 8 * columns).view(np.uint64)
        at_once = _LARGEST_BYTE // max(largest, 1)
        for first in range(0, len(words), at_once):
            added = words[first : first + at_once].sum(axis=0)
            sums += added.view(np.uint8).reshape(8, columns).sum(axis=0, dtype=np.int64)
    return np.asarray(sums)
