"""How a core is built beside its engines and lanes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.config.schema import HardwareSection


@dataclass(frozen=True)
class CoreSettings:
    """What holds for the whole core.

    Attributes:
        potential_buffers: frames (causal: steps) whose potentials a map keeps; with 2 it charges one while it scans the other.
        port: ``stream``, eight pixels a beat and a score a beat; ``frame``, a frame a beat and a packet a beat.
        logic_levels: of the sums of unrolled layers between two registers; a counter is one, an adder with its carry chain two.
    """

    potential_buffers: int = 2
    port: str = "stream"
    logic_levels: int = 3

    @classmethod
    def of(cls, hardware: HardwareSection) -> CoreSettings:
        """From a configuration."""
        return cls(hardware.potential_buffers, hardware.port, hardware.logic_levels)

    @classmethod
    def described(cls, description: Mapping[str, Any]) -> CoreSettings:
        """From rtl.json.

        Raises:
            KeyError: one of them is missing.
        """
        return cls(int(description["potential_buffers"]), str(description["port"]), int(description["logic_levels"]))


DEFAULT_SETTINGS = CoreSettings()
