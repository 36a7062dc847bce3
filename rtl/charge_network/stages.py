"""Pipeline stages of a network of counters and adders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rtl.charge_network.network import ChargeNetwork, Counter, Element

_COUNTER_LEVELS, _ADDER_LEVELS = 1, 2


@dataclass(frozen=True)
class Stages:
    """When every signal is there.

    Attributes:
        of_signals: stage in which each signal is made; inputs are there in stage 0.
        count: registers from the inputs to the sums, which stand behind the last of them.
        held: of every register, in the order of the stages, the signals that it keeps.
    """

    of_signals: tuple[int, ...]
    count: int
    held: tuple[tuple[int, ...], ...]


def pipeline(network: ChargeNetwork, levels: int) -> Stages:
    """Cut a network into stages, each element as early as it can be; the sums are registered.

    Args:
        network: to be cut.
        levels: of logic between two registers: a counter is one, an adder with its carry chain two; an adder alone always fits.
    """
    stages, depths = [0] * network.inputs, [0] * network.inputs
    last_use = [-1] * network.signals
    for element in network.elements:
        stage, depth = _place(element, stages, depths, levels)
        for signal in _inputs(element):
            last_use[signal] = max(last_use[signal], stage)
        stages += [stage] * element.outputs
        depths += [depth] * element.outputs
    count = max(stages, default=0) + 1
    for charge in network.charges:
        for literal in charge.bits:
            if literal is not None:
                last_use[literal.signal] = count
    held = tuple(
        tuple(signal for signal, made in enumerate(stages) if made <= boundary < last_use[signal]) for boundary in range(count)
    )
    return Stages(tuple(stages), count, held)


def _place(element: Element, stages: list[int], depths: list[int], levels: int) -> tuple[int, int]:
    """Stage of an element, and the levels of logic up to its outputs in it."""
    own = _COUNTER_LEVELS if isinstance(element, Counter) else _ADDER_LEVELS
    signals = list(_inputs(element))
    stage = max((stages[signal] for signal in signals), default=0)
    depth = own + max((depths[signal] for signal in signals if stages[signal] == stage), default=0)
    return (stage, depth) if depth <= max(levels, own) else (stage + 1, own)


def _inputs(element: Element) -> Iterator[int]:
    rows = (element.inputs,) if isinstance(element, Counter) else (element.left, element.right)
    for row in rows:
        for literal in row:
            if literal is not None:
                yield literal.signal
