"""How wide the integer gains of identity residuals may be; trained, converted and verified against the same bound."""

from __future__ import annotations

GAIN_BITS = 16
LARGEST_GAIN = (1 << (GAIN_BITS - 1)) - 1
"""Of the integer with which an identity multiplies the levels that it adds."""
