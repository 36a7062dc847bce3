"""The text of ``hardware.target``: what a core is to be chosen for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

DEVICES = {
    "xc7": ("xc7a12t", "xc7a15t", "xc7a25t", "xc7a35t", "xc7a50t", "xc7a75t", "xc7a100t", "xc7a200t"),
    "ecp5": ("12k", "25k", "45k", "85k"),
    "ice40": ("lp384", "hx1k", "u4k", "up5k", "hx8k"),
}
"""Names of devices by family, as rtl/estimate/parts.py describes them."""
LEGAL = "off, balanced, cycles=N, luts=N or device=NAME"
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Target:
    """A target.

    Attributes:
        kind: what is asked for.
        number: cycles or tables.
        device: name of the device.
    """

    kind: Literal["cycles", "luts", "device", "balanced"]
    number: int = 0
    device: str = ""

    def __str__(self) -> str:
        return self.kind if self.kind == "balanced" else f"{self.kind}={self.device or self.number}"

    @property
    def family(self) -> str:
        """Family of the device, 7-series where none is named."""
        return next((family for family, names in DEVICES.items() if self.device in names), "xc7")


def parse_target(text: str) -> Target | None:
    """Read the text; None for ``off``.

    Raises:
        ValueError: it says nothing that is legal; the message says what is.
    """
    kind, equals, value = text.partition("=")
    if text == "off":
        return None
    if text == "balanced":
        return Target("balanced")
    if equals and kind in ("cycles", "luts") and _NUMBER.fullmatch(value):
        return Target("cycles" if kind == "cycles" else "luts", number=int(value))
    devices = [name for names in DEVICES.values() for name in names]
    if equals and kind == "device":
        if value in devices:
            return Target("device", device=value)
        raise ValueError(f"no such device; legal are {', '.join(devices)}")
    raise ValueError(f"legal are {LEGAL}, with N from 1 to 999999999")
