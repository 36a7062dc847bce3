"""hls4ml on the function of function.npz, in the peers' environment: a quantised feed-forward network, compiled with g++.

``python hls4ml_csim.py FUNCTION FRAMES DIVISIONS OUT`` writes the network to OUT/network.onnx (QONNX), hls4ml's project to
OUT/project, the values of its C simulation to OUT/values.npz and what it cost to OUT/hls4ml.json. Nothing of Isospike
is imported here.

A level is a product with a factor of DIVISIONS and a Quant node that rounds down and saturates.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hls4ml
import numpy as np
from onnx import TensorProto, helper, numpy_helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.infer_shapes import InferShapes

BACKEND, IO_TYPE = "Vitis", "io_parallel"
RUNS = 3
QUANT_DOMAIN = "qonnx.custom_op.general"


def spent() -> float:
    """Processor time so far in seconds, that of programs started and ended included."""
    return sum(os.times()[:4])


def signed_bits(lowest: int, highest: int) -> int:
    """Bits of a signed number from ``lowest`` to ``highest``."""
    return 1 + max(highest.bit_length(), (-lowest - 1).bit_length() if lowest < 0 else 0)


class Graph:
    """Nodes and constants of a QONNX graph, in their order; ``last`` is the tensor that the next node takes."""

    def __init__(self, source: str) -> None:
        self.last = source
        self.nodes: list[object] = []
        self.constants: list[object] = []

    def constant(self, name: str, values: np.ndarray | float) -> str:
        """An initialiser of single precision."""
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype=np.float32), name))
        return name

    def quantised(self, source: str, name: str, bits: int, signed: bool, exponent: int = 0) -> str:
        """``source`` on a grid of 2^exponent with ``bits`` bits: rounded down, saturated."""
        parameters = [
            self.constant(f"{name}_grid", 2.0**exponent), self.constant(f"{name}_zero", 0), self.constant(f"{name}_bits", bits)
        ]  # fmt: skip
        attributes = {"signed": int(signed), "narrow": 0, "rounding_mode": "FLOOR", "domain": QUANT_DOMAIN}
        self.nodes.append(helper.make_node("Quant", [source, *parameters], [f"{name}_out"], name=name, **attributes))
        return f"{name}_out"

    def weights(self, name: str, values: np.ndarray, exponent: int = 0) -> str:
        """Integers times 2^exponent, as a constant behind a Quant node with the bits that they need."""
        signed = bool(values.min() < 0)
        bits = signed_bits(int(values.min()), int(values.max())) - (not signed)
        source = self.constant(f"{name}_values", values * 2.0**exponent)
        return self.quantised(source, name, max(bits, 1), signed, exponent)

    def operation(self, kind: str, name: str, *operands: str) -> None:
        """A node of the last tensor and operands."""
        self.nodes.append(helper.make_node(kind, [self.last, *operands], [f"{name}_out"], name=name))
        self.last = f"{name}_out"

    def quantise(self, name: str, bits: int, signed: bool) -> None:
        """The last tensor as integers."""
        self.last = self.quantised(self.last, name, bits, signed)


def linear(graph: Graph, index: int, weights: np.ndarray, bias: np.ndarray, most: int) -> None:
    """Product and bias of one layer in as many bits as its sums may need.

    Args:
        graph: receives the nodes.
        index: of the layer.
        weights: int64 (neurons, inputs).
        bias: int64 (neurons,).
        most: the highest value of an input; the lowest is 0.
    """
    graph.operation("MatMul", f"product{index}", graph.weights(f"weights{index}", weights.T))
    graph.operation("Add", f"sum{index}", graph.weights(f"bias{index}", bias))
    highest = int((np.maximum(weights, 0).sum(axis=1) * most + bias).max())
    lowest = int((np.minimum(weights, 0).sum(axis=1) * most + bias).min())
    graph.quantise(f"potential{index}", signed_bits(lowest, highest), True)


def fired(graph: Graph, index: int, arrays: dict[str, np.ndarray], most: int) -> str:
    """One hidden layer, as bench/peers/division.py says: product, bias, division, clip; the name of its level in hls4ml's trace.

    hls4ml takes a product with nothing but ones away, and the precision behind it too, so none is written.
    """
    numerators = arrays[f"numerators{index}"]
    shift, bits, excess = (int(arrays[f"{name}{index}"]) for name in ("shift", "bits", "excess"))
    linear(graph, index, arrays[f"weights{index}"], arrays[f"bias{index}"], most)
    divided = bool(shift or (numerators > 1).any())
    if divided:
        graph.operation("Mul", f"scale{index}", graph.weights(f"reciprocal{index}", numerators, -shift))
    graph.quantise(f"level{index}", bits, False)
    if not excess:
        return f"bn_scale{index}" if divided else f"level{index}_act"
    graph.operation("Sub", f"lowered{index}", graph.weights(f"excess{index}", np.full(len(numerators), excess)))
    graph.quantise(f"difference{index}", bits + 1, True)
    graph.operation("Relu", f"clipped{index}")
    graph.quantise(f"clipped_level{index}", bits, False)
    return f"clipped{index}"


def network_of(arrays: dict[str, np.ndarray]) -> tuple[ModelWrapper, list[str]]:
    """The QONNX network of a function, with its shapes, and the names of its hidden levels in hls4ml's trace."""
    inputs, bits = arrays["weights0"].shape[1], int(arrays["bits"])
    graph, traced, most = Graph("pixels"), [], 2**bits - 1
    last = max(int(name.removeprefix("weights")) for name in arrays if name.startswith("weights"))
    graph.quantise("pixel_levels", bits, False)
    for index in range(last):
        traced.append(fired(graph, index, arrays, most))
        most = arrays[f"bounds{index}"].shape[1]
    linear(graph, last, arrays[f"weights{last}"], arrays[f"offset{last}"], most)
    ends = {"pixels": inputs, graph.last: len(arrays[f"weights{last}"])}
    source, result = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size]) for name, size in ends.items())
    model = helper.make_model(helper.make_graph(graph.nodes, "peer", [source], [result], graph.constants))
    return ModelWrapper(model).transform(InferShapes()), traced


def converted(model: ModelWrapper, bits: int, out: Path) -> Any:
    """hls4ml's model, its precisions inferred from the Quant nodes."""
    config = hls4ml.utils.config_from_onnx_model(model.model, granularity="name", backend=BACKEND)
    config["LayerName"]["pixels"]["Precision"]["result"] = f"ufixed<{bits},{bits}>"
    for layer in config["LayerName"].values():
        layer["Trace"] = True
    return hls4ml.converters.convert_from_onnx_model(
        model.model, output_dir=str(out / "project"), project_name="peer", backend=BACKEND, io_type=IO_TYPE, hls_config=config
    )


def main(function: Path, frames: Path, divisions: Path, out: Path) -> None:
    """Write, convert, compile and run."""
    with np.load(function) as archive, np.load(divisions) as more:
        arrays = dict(archive) | dict(more)
    with np.load(frames) as archive:
        levels = np.ascontiguousarray(archive["levels"], dtype=np.float64)
    started = spent()
    model, traced = network_of(arrays)
    model.save(str(out / "network.onnx"))
    hls_model = converted(model, int(arrays["bits"]), out)
    hls_model.write()
    written = spent()
    hls_model.compile()
    seconds = {"convert": written - started, "compile with g++": spent() - written}
    runs = []
    for _ in range(RUNS):
        before = time.process_time()
        scores = hls_model.predict(levels)
        runs.append(time.process_time() - before)
    _, hidden = hls_model.trace(levels)
    results = {f"layer{index}": hidden[name] for index, name in enumerate(traced)} | {f"layer{len(traced)}": scores}
    rounded = {name: np.round(array).astype(np.int64).reshape(len(levels), -1) for name, array in results.items()}
    np.savez_compressed(out / "values.npz", allow_pickle=False, **rounded)
    figures = {
        "integers": all(np.array_equal(np.round(array), array) for array in results.values()),
        "processor_seconds": seconds,
        "simulation_seconds": runs,
        "versions": {package: version(package) for package in ("hls4ml", "qonnx", "onnx", "numpy")},
        "settings": {"backend": BACKEND, "io_type": IO_TYPE, "rounding": "FLOOR", "runs": RUNS, "threads": 1},
    }
    (out / "hls4ml.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:5]))
