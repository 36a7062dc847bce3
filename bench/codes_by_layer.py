"""What each wire code costs, layer by layer, for one network's integers: ``python -m bench.codes_by_layer``."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from model.base.errors import UserError
from model.conversion.choose_codes import with_code
from model.data import load_dataset
from model.golden import count_operations, simulate
from model.integer_network import Network, NeuronMode, WireCode, load_network, with_proved_widths
from rtl.core_plan import plan_core
from rtl.engine_counts import predict_cycles

CODES = (WireCode.UNARY, WireCode.BITS, WireCode.COUNT)
_FRAMES_AT_ONCE = 1000


@dataclass(frozen=True, eq=False)
class Cost:
    """One layer with one code, an image.

    Attributes:
        accumulates: additions of a weight.
        cycles: of the cycle rule.
    """

    accumulates: float
    cycles: float


def recoded(network: Network, code: WireCode) -> Network:
    """The same integers with every hidden layer sending in one code."""
    hidden = (replace(layer, neuron=with_code(layer.neuron, code)) for layer in network.hidden)
    return with_proved_widths(replace(network, layers=(*hidden, network.readout)))


def costs(network: Network, images: npt.NDArray[np.uint8]) -> tuple[dict[str, Cost], list[npt.NDArray[np.int32]]]:
    """Costs of every layer, and the scores."""
    plan = plan_core(network, "auto")
    accumulates, cycles = Counter[str](), Counter[str]()
    scores = []
    for start in range(0, len(images), _FRAMES_AT_ONCE):
        result = simulate(network, images[start : start + _FRAMES_AT_ONCE])
        counts = count_operations(network, result).layers
        accumulates.update({name: layer.accumulates for name, layer in counts.items()})
        cycles.update({name: int(frames.sum()) for name, frames in predict_cycles(result, plan).items()})
        scores.append(result.scores)
    return {name: Cost(accumulates[name] / len(images), cycles[name] / len(images)) for name in accumulates}, scores


def compare(network: Network, images: npt.NDArray[np.uint8]) -> None:
    """Print a line a layer and one for all of them; scores must be equal."""
    found = {code: costs(recoded(network, code), images) for code in CODES}
    (first, expected), *others = found.values()
    if any(not np.array_equal(np.concatenate(expected), np.concatenate(scores)) for _, scores in others):
        raise AssertionError("codes of the same integers gave other scores")
    print(f"{len(images):,} images, scores of all codes equal; an image:")
    for figure in ("accumulates", "cycles"):
        print(f"{figure:12}" + "".join(f"{code:>12}" for code in CODES) + "   unary / bits")
        rows = {name: [getattr(found[code][0][name], figure) for code in CODES] for name in first}
        rows["all"] = [float(np.sum([row[at] for row in rows.values()])) for at in range(len(CODES))]
        for name, row in rows.items():
            print(f"  {name:10}" + "".join(f"{value:12,.0f}" for value in row) + f"{row[0] / row[1]:15.2f}")


def main(
    network: Annotated[Path, typer.Argument(help="network.safetensors of a convert step of an exact method.")],
    dataset: Annotated[Path, typer.Argument(help="dataset.npz of its data step.")],
) -> None:
    """Measure unary, bits and count on the test images."""
    try:
        loaded = load_network(network)
        if any(layer.neuron.mode is not NeuronMode.DEFERRED for layer in loaded.hidden):
            raise UserError(
                f"{network}: method {loaded.method} has neurons with one code only; give a network of an exact method"
            )
        compare(loaded, load_dataset(dataset).test.images)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    typer.run(main)
