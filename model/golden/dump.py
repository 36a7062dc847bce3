"""Everything that happened to a few images, as JSON for people and other programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model.base.errors import UserError
from model.base.files import write_json
from model.data.dataset import ByteArray
from model.golden.counts import count_operations
from model.golden.encoding import SpikeArray
from model.golden.firing import fire_passes
from model.golden.simulate import GoldenResult, LayerTrace, simulate
from model.integer_network import Layer, Network, NeuronMode
from model.integer_network.widths import needs_saturation

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
_MOST_IMAGES = 1000


def parse_images(text: str, images: int) -> list[int]:
    """Indices from text such as ``0-9`` or ``3,17,20-29``, in the given order.

    Args:
        text: numbers and ranges, both ends included, separated by commas.
        images: how many there are.

    Raises:
        UserError: not such a text, a range that runs backwards, or an index that does not exist.
    """
    indices: list[int] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise UserError(f"--images {text}: '{part.strip()}' is no index and no range; write 5, 0-9 or 3,20-29")
        first = int(match[1])
        last = first if match[2] is None else int(match[2])
        if last < first:
            raise UserError(f"--images {text}: the range {part.strip()} runs backwards; write {last}-{first}")
        if last >= images:
            raise UserError(f"--images {text}: there is no image {last}; legal are 0 to {images - 1}")
        indices.extend(range(first, last + 1))
    return indices


def dump_images(network: Network, pixels: ByteArray, indices: Sequence[int], path: Path) -> None:
    """Write every spike, every potential after every time step, scores, class and counts of chosen images.

    Spikes are lists, one a time step, of channel numbers; of signed and multi-spikes, of pairs of channel and value.

    Args:
        network: a verified network.
        pixels: (images, …) uint8, all images of the part.
        indices: which of them, at most 1,000.
        path: the JSON file.

    Raises:
        UserError: no image, too many of them, or one that does not exist.
    """
    if not indices:
        raise UserError("--images: no image is chosen; write for example 0-9")
    if len(indices) > _MOST_IMAGES:
        raise UserError(f"--images: {len(indices)} images are chosen; at most {_MOST_IMAGES} can be dumped at once")
    for index in indices:
        if not 0 <= index < len(pixels):
            raise UserError(f"--images: there is no image {index}; legal are 0 to {len(pixels) - 1}")
    result = simulate(network, pixels[list(indices)], record_history=True)
    value = {
        "network": network.name,
        "method": network.method,
        "images": [_image(network, result, frame, index) for frame, index in enumerate(indices)],
        "counts": count_operations(network, result).as_dict(),
    }
    write_json(path, value)


def _image(network: Network, result: GoldenResult, frame: int, index: int) -> dict[str, Any]:
    only = result.select(slice(frame, frame + 1))
    return {
        "image": index,
        "class": int(result.classes[frame]),
        "scores": result.scores[frame].tolist(),
        "input_spikes": _events(only.input_spikes),
        "layers": {layer.name: _layer(layer, only.layers[layer.name]) for layer in network.layers},
        "counts": count_operations(network, only).as_dict()["layers"],
    }


def _layer(layer: Layer, trace: LayerTrace) -> dict[str, Any]:
    """Spikes and potentials of one image.

    ``potentials``: after each time step of the input, of causal layers after the reset. Deferred layers then add the offset
    (``potentials_before_firing``) and fire (``potentials_while_firing``, after each compare).
    """
    values: dict[str, Any] = {"spikes": _events(trace.spikes), "potentials": trace.history[:, 0].tolist()}
    if layer.neuron.mode is NeuronMode.CAUSAL:
        return values
    values["potentials_before_firing"] = trace.potentials[0].tolist()
    if layer.neuron.mode is NeuronMode.DEFERRED:
        values["potentials_while_firing"] = _while_firing(layer, trace)
    return values


def _while_firing(layer: Layer, trace: LayerTrace) -> list[list[int]]:
    neuron = layer.neuron
    potential = trace.potentials[:1].astype(np.int64)
    if needs_saturation(neuron):
        potential = np.minimum(potential, neuron.spread(neuron.threshold) * (neuron.levels + 1) - 1)
    if neuron.fires_by_division:
        potential -= neuron.lowest * neuron.spread(neuron.threshold)
    return [potential[0].tolist() for _ in fire_passes(neuron, potential)]


def _events(spikes: SpikeArray) -> list[list[Any]]:
    if np.any(spikes & ~np.int8(1)):
        return [[[int(channel), int(plane[0, channel])] for channel in np.flatnonzero(plane[0])] for plane in spikes]
    return [np.flatnonzero(plane[0]).tolist() for plane in spikes]
