"""The fold step: engine, lanes and wire code of every layer, chosen for the target, or as the configuration says."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model.base.errors import EquivalenceError
from model.base.files import read_json, write_json, write_text
from model.config.schema import Configuration
from model.config.target import parse_target
from model.data import load_dataset
from model.data.dataset import ByteArray
from model.golden import input_levels
from model.integer_network import Network, load_network, network_text, save_network
from model.reference import evaluate_reference
from rtl.core_settings import CoreSettings
from rtl.cost.area import family_coefficients
from rtl.cost.choice import Given
from rtl.cost.choose import Folding, choose

SAMPLE_IMAGES = 200
"""The first training images; the median of their latencies is what a target of cycles counts."""
FILE = "fold.json"


def run_fold(config: Configuration, data: Path, convert: Path, out: Path) -> None:
    """Write ``network.safetensors`` and ``network.txt`` with the codes that were chosen, and ``fold.json``.

    Args:
        config: ``hardware`` says the target and what is given.
        data: folder of the data step, for the sample.
        convert: folder of the convert step.
        out: the step's folder.

    Raises:
        UserError: a target that cannot be met, an engine that cannot be built, or a missing or damaged input.
        EquivalenceError: the network with other codes is not the same function.
    """
    target = parse_target(config.hardware.effective_target)
    if target is None:
        for name in ("network.safetensors", "network.txt"):
            shutil.copyfile(convert / name, out / name)
        write_json(out / FILE, {"target": "off"})
        return
    network = load_network(convert / "network.safetensors")
    pixels = load_dataset(data / "dataset.npz").train.images[:SAMPLE_IMAGES]
    hardware, automatic = config.hardware, _automatic_codes(network, convert)
    given = Given.of(network, hardware.engine, hardware.parallelism, automatic, CoreSettings.of(hardware))
    folding = choose(network, pixels, given, target)
    save_network(folding.network, out / "network.safetensors")
    write_text(out / "network.txt", network_text(folding.network))
    check_recoded(network, load_network(out / "network.safetensors"), pixels)
    write_json(out / FILE, folding.as_dict() | _model_errors(folding))


def _automatic_codes(network: Network, convert: Path) -> list[bool]:
    """Of every hidden layer whether nobody asked for its code; those of causal layers are none to exchange."""
    codes: dict[str, Any] = read_json(convert / "convert.json")["codes"]
    return [layer.name in codes and bool(codes[layer.name]["automatic"]) for layer in network.hidden]


def _model_errors(folding: Folding) -> dict[str, Any]:
    """How far the area model is off for the cores that it was fitted to."""
    return {"model": {family: family_coefficients(family)["errors"] for family in folding.cost.figures}}


def check_recoded(before: Network, after: Network, pixels: ByteArray) -> None:
    """The numbers of both networks are the same, and so are levels and scores of the sample.

    Raises:
        EquivalenceError: naming the first difference.
    """
    for old, new in zip(before.layers, after.layers, strict=True):
        for name, expected, got in _numbers(old, new):
            if not np.array_equal(expected, got):
                raise EquivalenceError(f"fold: layer {new.name}: {name} differ from those of the convert step")
    levels = input_levels(pixels, before.encoder)
    expected_result, got_result = evaluate_reference(before, levels), evaluate_reference(after, levels)
    for layer in before.hidden:
        _check_equal(layer.name, "level", expected_result.levels[layer.name], got_result.levels[layer.name])
    _check_equal(before.readout.name, "score", expected_result.scores, got_result.scores)


def _numbers(old: Any, new: Any) -> Sequence[tuple[str, Any, Any]]:
    groups = zip(old.synapses, new.synapses, strict=True)
    weights = [("weights", before.weights, after.weights) for before, after in groups]
    fields = ("threshold", "offset", "step_bias", "levels", "lowest")
    return [*weights, *((name, getattr(old.neuron, name), getattr(new.neuron, name)) for name in fields)]


def _check_equal(layer: str, what: str, expected: Any, got: Any) -> None:
    different = np.argwhere(expected != got)
    if len(different):
        image, neuron = different[0]
        raise EquivalenceError(
            f"fold: image {image} layer {layer} neuron {neuron}: {what} expected {expected[image, neuron]},"
            f" got {got[image, neuron]}"
        )
