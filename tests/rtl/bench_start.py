"""How the cocotb tests of modules alone begin."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge


async def start_bench(dut: Any, inputs: Iterable[Any]) -> random.Random:
    """Start the clock and reset a bench with all its inputs at 0; what the test draws from."""
    for signal in inputs:
        signal.value = 0
    dut.rst.value = 1
    Clock(dut.clk, 2, unit="ns").start()
    for _ in range(3):
        await FallingEdge(dut.clk)
    dut.rst.value = 0
    return random.Random(cocotb.RANDOM_SEED)
