"""The integer network as one file: safetensors, structure as JSON in its header (docs/ir.md)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from model.base.errors import UserError
from model.base.files import replacing
from model.integer_network.codes import InputCode, NeuronMode, WireCode
from model.integer_network.shapes import Window
from model.integer_network.structure import Encoder, IntArray, Layer, Network, Neuron, Synapses
from model.integer_network.verify import verify_network
from model.integer_network.verify_synapses import LARGEST_WEIGHT_BITS

FORMAT = "isospike-integer-network"
VERSION = 3

_ADVICE = "run the convert step again"


def save_network(network: Network, path: Path) -> None:
    """Verify a network and write it, whole or not at all."""
    verify_network(network)
    structure = _structure(network)
    tensors = _tensors(network)
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "network": json.dumps(structure, sort_keys=True, separators=(",", ":")),
        "sha256": _digest(structure, tensors),
    }
    with replacing(path) as beside:
        beside.write_bytes(_with_sorted_header(save(tensors, metadata=metadata)))


def _with_sorted_header(content: bytes) -> bytes:
    """The same safetensors file with a sorted header: the library shuffles it, and equal networks shall be equal files."""
    length = int.from_bytes(content[:8], "little")
    header = json.dumps(json.loads(content[8 : 8 + length]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + content[8 + length :]


def load_network(path: Path) -> Network:
    """Read and verify a network.

    Raises:
        UserError: no such file, another format, a newer version, a changed value, or a rule that does not hold.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such integer network; {_ADVICE}")
    try:
        with safe_open(path, framework="numpy") as stream:
            metadata = stream.metadata() or {}
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path}: not a readable integer network ({error}); {_ADVICE}") from error
    if metadata.get("format") != FORMAT:
        raise UserError(f"{path}: format is {metadata.get('format')!r}; expected {FORMAT!r}")
    version = metadata.get("version", "")
    if version != str(VERSION):
        raise UserError(
            f"{path}: version {version} of the integer network; this program reads version {VERSION}, use the one that wrote it"
        )
    try:
        structure = json.loads(metadata["network"])
        if _digest(structure, tensors) != metadata["sha256"]:
            raise UserError(
                f"{path}: its contents do not match their checksum, so it was changed after it was written; {_ADVICE}"
            )
        network = _network(structure, tensors)
    except (KeyError, ValueError, TypeError) as error:
        raise UserError(f"{path}: incomplete integer network ({error}); {_ADVICE}") from error
    return verify_network(network)


def _structure(network: Network) -> dict[str, Any]:
    encoder = network.encoder
    return {
        "name": network.name,
        "method": network.method,
        "encoder": {"shape": list(encoder.shape), "bits": encoder.bits, "code": str(encoder.code)},
        "layers": [
            {
                "name": layer.name,
                "synapses": [_group(group) for group in layer.synapses],
                "positions": list(layer.neuron.positions),
                "max_pooling": None if layer.max_pooling is None else _window(layer.max_pooling),
                "mode": str(layer.neuron.mode),
                "code": str(layer.neuron.code),
                "lowest": layer.neuron.lowest,
                "levels": layer.neuron.levels,
                "spikes": [layer.neuron.lowest_spike, layer.neuron.largest_spike],
                "time_steps": layer.neuron.time_steps,
                "potential_bits": layer.neuron.potential_bits,
            }
            for layer in network.layers
        ],
    }


def _group(group: Synapses) -> dict[str, Any]:
    return {
        "source": group.source,
        "weight_bits": group.weight_bits,
        "pooling": list(group.pooling),
        "stride": list(group.stride),
        "padding": list(group.padding),
        "groups": group.groups,
    }


def _window(window: Window) -> dict[str, Any]:
    return {"size": list(window.size), "stride": list(window.stride), "padding": list(window.padding)}


def _tensors(network: Network) -> dict[str, IntArray]:
    tensors: dict[str, Any] = {}
    for layer in network.layers:
        for index, group in enumerate(layer.synapses):
            dtype = np.int8 if group.weight_bits <= LARGEST_WEIGHT_BITS else np.int16
            tensors[f"{layer.name}.weights.{index}"] = np.ascontiguousarray(group.weights, dtype=dtype)
        for field in ("threshold", "negative_threshold", "offset", "step_bias"):
            tensors[f"{layer.name}.{field}"] = np.ascontiguousarray(getattr(layer.neuron, field), dtype=np.int64)
    return tensors


def _digest(structure: dict[str, Any], tensors: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(structure, sort_keys=True, separators=(",", ":")).encode())
    for name in sorted(tensors):
        array = tensors[name]
        digest.update(f"{name} {array.dtype.str} {list(array.shape)}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _network(structure: dict[str, Any], tensors: dict[str, Any]) -> Network:
    encoder = structure["encoder"]
    layers = []
    for entry in structure["layers"]:
        name = entry["name"]
        synapses = tuple(_read_group(group, tensors[f"{name}.weights.{index}"]) for index, group in enumerate(entry["synapses"]))
        neuron = Neuron(
            mode=NeuronMode(entry["mode"]),
            code=WireCode(entry["code"]),
            lowest=entry["lowest"],
            levels=entry["levels"],
            lowest_spike=entry["spikes"][0],
            largest_spike=entry["spikes"][1],
            time_steps=entry["time_steps"],
            threshold=tensors[f"{name}.threshold"],
            negative_threshold=tensors[f"{name}.negative_threshold"],
            offset=tensors[f"{name}.offset"],
            step_bias=tensors[f"{name}.step_bias"],
            potential_bits=entry["potential_bits"],
            positions=tuple(entry["positions"]),
        )
        window = entry["max_pooling"]
        layers.append(Layer(name, synapses, neuron, None if window is None else _read_window(window)))
    return Network(
        name=structure["name"],
        method=structure["method"],
        encoder=Encoder(tuple(encoder["shape"]), encoder["bits"], InputCode(encoder["code"])),
        layers=tuple(layers),
    )


def _read_group(group: dict[str, Any], weights: IntArray) -> Synapses:
    return Synapses(
        source=group["source"],
        weights=weights.astype(np.int64),
        weight_bits=group["weight_bits"],
        pooling=tuple(group["pooling"]),
        stride=tuple(group["stride"]),
        padding=tuple(group["padding"]),
        groups=group["groups"],
    )


def _read_window(window: dict[str, Any]) -> Window:
    return Window(tuple(window["size"]), tuple(window["stride"]), tuple(window["padding"]))
