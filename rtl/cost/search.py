"""Search for the best choice of all layers.

Few choices are tried one and all. Of many, single layers are exchanged: for a number of weights w, from the smallest core to the
fastest, each layer in turn takes the candidate with the least log LUT + w·log cycles while the others stay, until none changes.
Every choice that was met on the way stays in the cost model; the target takes the best of them, and layers are exchanged once
more, now by the target alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product

from rtl.cost.choice import Choice, LayerChoice
from rtl.cost.model import Cost, CostModel

Key = Callable[[Cost], tuple[float, ...]]
EXHAUSTIVE = 600
"""Choices up to which all of them are tried."""
_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, math.inf)
_REFINED = 3
_MOST_SWEEPS = 6


def search(model: CostModel, candidates: Sequence[Sequence[LayerChoice]], key: Key) -> Choice | None:
    """The choice with the least key; None where no choice can be built.

    Args:
        model: says what a choice costs, and remembers all that were tried.
        candidates: of every layer.
        key: of a cost, less is better.
    """
    if math.prod(map(len, candidates)) <= EXHAUSTIVE:
        for choice in product(*candidates):
            model.cost(choice)
    else:
        _along_the_front(model, candidates)
        for choice in sorted(_built(model), key=lambda met: key(_cost(model, met)))[:_REFINED]:
            _exchange(model, candidates, choice, key)
    return min(_built(model), key=lambda met: key(_cost(model, met)), default=None)


def _along_the_front(model: CostModel, candidates: Sequence[Sequence[LayerChoice]]) -> None:
    """From the smallest lanes up and from the largest down, so that no weight depends on where it began alone."""
    for begun, weights in ((0, _WEIGHTS), (-1, _WEIGHTS[::-1])):
        choice = tuple(of_layer[begun] for of_layer in candidates)
        for weight in weights:
            choice = _exchange(model, candidates, choice, _weighted(weight))


def _weighted(weight: float) -> Key:
    def key(cost: Cost) -> tuple[float, ...]:
        if weight == math.inf:
            return (cost.latency, cost.lut)
        return (math.log(max(cost.lut, 1.0)) + weight * math.log(max(cost.latency, 1.0)),)

    return key


def _exchange(model: CostModel, candidates: Sequence[Sequence[LayerChoice]], choice: Choice, key: Key) -> Choice:
    """Exchange the candidates of one layer after the other until nothing gets better."""
    for _ in range(_MOST_SWEEPS):
        before = choice
        for place, of_layer in enumerate(candidates):
            tried = [(*choice[:place], candidate, *choice[place + 1 :]) for candidate in of_layer]
            built = [met for met in (choice, *tried) if model.cost(met) is not None]
            choice = min(built, key=lambda met: key(_cost(model, met)), default=choice)
        if choice == before:
            break
    return choice


def _built(model: CostModel) -> list[Choice]:
    return [choice for choice, cost in model.evaluated.items() if cost is not None]


def _cost(model: CostModel, choice: Choice) -> Cost:
    cost = model.cost(choice)
    assert cost is not None
    return cost
