"""From integer networks to an hls4ml project on disk."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hls.memory_layout import LaneLayout
from model.base.files import write_text
from model.integer_network import InputCode, Layer, Network, NeuronMode, WireCode
from model.integer_network.structure import INPUT
from model.integer_network.widths import needs_saturation

TOP_FUNCTION = "isospike_hls"
"""Name of the top function, of the project and of its main source."""

LOG_FILE = "hls4ml.log"
"""What hls4ml and g++ say, beside the project's folder."""


@dataclass(frozen=True)
class Target:
    """What a project is made for: a part's name as the vendor spells it, and a clock period."""

    part: str
    clock_ns: float


@dataclass(frozen=True, eq=False)
class Chain:
    """One network in a project.

    Attributes:
        network: the integer network.
        lanes: neurons of each layer that work at once.
        prefix: what the names of its nodes begin with; empty where it is alone.
    """

    network: Network
    lanes: dict[str, int]
    prefix: str = ""

    @property
    def pixels(self) -> str:
        """The node that takes the pixels."""
        return f"{self.prefix}pixels"

    @property
    def sources(self) -> list[str]:
        """The encoder (``"input"``) and the layers."""
        return [INPUT, *(layer.name for layer in self.network.layers)]

    def node(self, source: str) -> str:
        """The node of a layer or of the encoder; ``layer_`` keeps it apart from names that hls4ml reserves."""
        return f"{self.prefix}layer_{source}"


@dataclass(frozen=True, eq=False)
class HlsProject:
    """A written project: its networks, its folder, what it is made for, hls4ml's model graph."""

    chains: tuple[Chain, ...]
    folder: Path
    target: Target
    graph: Any

    @property
    def log(self) -> Path:
        """What hls4ml and g++ said."""
        return self.folder.parent / LOG_FILE

    @property
    def firmware(self) -> Path:
        """The sources that are synthesised."""
        return self.folder / "firmware"


def chains_of(networks: Sequence[Network], lanes: Sequence[dict[str, int]]) -> tuple[Chain, ...]:
    """Networks with their parallelism, named apart where there are several."""
    several = len(networks) > 1
    return tuple(
        Chain(network, of_network, f"network{index}_" if several else "")
        for index, (network, of_network) in enumerate(zip(networks, lanes, strict=True))
    )


def write_project(chains: tuple[Chain, ...], target: Target, folder: Path) -> HlsProject:
    """Build a model graph through hls4ml's extension interface and write its project.

    Several networks stand side by side in one project, each with its own input and output: one compilation serves all.

    Args:
        chains: verified integer networks and their parallelism.
        target: part and clock.
        folder: the project's folder; hls4ml's messages go into ``hls4ml.log`` beside it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with messages_in(folder.parent / LOG_FILE):
        # Loading hls4ml takes a second and prints, so it happens here.
        from hls4ml.model.graph import ModelGraph

        from hls.backend import register_spiking_layers

        register_spiking_layers()
        graph = ModelGraph.from_layer_list(
            _configuration(chains, target, folder),
            [entry for chain in chains for entry in layer_list(chain)],
            inputs=[chain.pixels for chain in chains],
            outputs=[chain.node(chain.network.readout.name) for chain in chains],
        )
        graph.write()
    return HlsProject(chains, folder, target, graph)


def write_test_vectors(project: HlsProject, pixels: npt.NDArray[np.uint8], expected_scores: npt.NDArray[np.int32]) -> None:
    """Give the project's own test bench frames and golden scores; without them it runs on five dark frames."""
    for path, text in bench_vectors(project, pixels, expected_scores).items():
        write_text(path, text)


def bench_vectors(
    project: HlsProject, pixels: npt.NDArray[np.uint8], expected_scores: npt.NDArray[np.int32]
) -> dict[Path, str]:
    """The files of the test bench, one frame a line.

    Args:
        project: a project with one network.
        pixels: (frames, …) of 0..255.
        expected_scores: (frames, classes).
    """
    folder = project.folder / "tb_data"
    return {
        folder / "tb_input_features.dat": _lines(pixels.reshape(len(pixels), -1)),
        folder / "tb_output_predictions.dat": _lines(expected_scores),
    }


def _lines(rows: npt.NDArray[Any]) -> str:
    return "".join(" ".join(map(str, row)) + "\n" for row in rows.tolist())


@contextlib.contextmanager
def messages_in(log: Path) -> Iterator[None]:
    """Append what is printed or warned meanwhile to a file, so that the terminal stays readable."""
    text = io.StringIO()
    caught: list[warnings.WarningMessage] = []
    try:
        with contextlib.redirect_stdout(text), warnings.catch_warnings(record=True) as recorded:
            warnings.simplefilter("always")
            caught = recorded
            yield
    finally:
        lines = [text.getvalue(), *(f"{warning.category.__name__}: {warning.message}\n" for warning in caught)]
        with log.open("a", encoding="utf-8") as stream:
            stream.writelines(lines)


def _configuration(chains: tuple[Chain, ...], target: Target, folder: Path) -> dict[str, Any]:
    by_layer: dict[str, Any] = {}
    for chain in chains:
        by_layer[chain.pixels] = {"Precision": {"result": "ap_uint<8>"}}
        by_layer |= {chain.node(source): {"Trace": True} for source in chain.sources}
    return {
        "Backend": "Vitis",
        "ProjectName": TOP_FUNCTION,
        "OutputDir": str(folder.resolve()),
        "Part": target.part,
        "ClockPeriod": target.clock_ns,
        "ClockUncertainty": "27%",
        "IOType": "io_parallel",
        "TraceOutput": True,
        "HLSConfig": {
            # Our layers set every precision themselves; hls4ml asks for a default nevertheless.
            "Model": {"Precision": "ap_int<32>", "ReuseFactor": 1, "Strategy": "Latency", "PipelineStyle": "dataflow"},
            "LayerName": by_layer,
        },
    }


def layer_list(chain: Chain) -> list[dict[str, Any]]:
    """One network as hls4ml's list of layers."""
    encoder = chain.network.encoder
    unary = encoder.code is InputCode.UNARY
    entries: list[dict[str, Any]] = [
        {"class_name": "Input", "name": chain.pixels, "input_shape": [encoder.channels]},
        {
            "class_name": "SpikeUnaryEncoder" if unary else "SpikePlaneEncoder",
            "name": chain.node(INPUT),
            "inputs": [chain.pixels],
            "n_channels": encoder.channels,
            "n_steps": encoder.time_steps,
            "bits": encoder.bits,
        },
    ]
    return entries + [_population(chain, layer) for layer in chain.network.layers]


def _population(chain: Chain, layer: Layer) -> dict[str, Any]:
    network, neuron, synapses = chain.network, layer.neuron, layer.synapses[0]
    layout = LaneLayout(neuron.channels, chain.lanes[layer.name])
    attributes = {
        "class_name": _class_name(network, layer),
        "name": chain.node(layer.name),
        "inputs": [chain.node(synapses.source)],
        "n_sources": synapses.weights.shape[1],
        "n_source_steps": network.source_steps(synapses.source),
        "source_is_bits": network.source_is_bits(synapses.source),
        "n_neurons": neuron.channels,
        "n_lanes": layout.lanes,
        "n_groups": layout.groups,
        "weight_bits": synapses.weight_bits,
        "potential_bits": neuron.potential_bits,
        "weight_data": layout.weights(synapses.weights),
        "offset_data": layout.constants(neuron.offset, surplus=0),
    }
    if neuron.mode is NeuronMode.READOUT:
        return attributes
    attributes |= {"n_steps": neuron.time_steps, "threshold_data": layout.constants(neuron.threshold, surplus=1)}
    if neuron.mode is NeuronMode.CAUSAL:
        return attributes | {"step_bias_data": layout.constants(neuron.step_bias, surplus=0)}
    attributes["code"] = "bits" if neuron.code is WireCode.BITS else "unary"
    if needs_saturation(neuron):
        ceiling = (neuron.levels + 1) * neuron.threshold - 1
        attributes["ceiling_data"] = layout.constants(ceiling, surplus=0)
    return attributes


def _class_name(network: Network, layer: Layer) -> str:
    neuron = layer.neuron
    if neuron.mode is NeuronMode.READOUT:
        return "ReadoutPopulation"
    if neuron.mode is NeuronMode.CAUSAL:
        direct = network.source_is_direct(layer.synapses[0].source)
        return "CausalDirectPopulation" if direct else "CausalTrainPopulation"
    return "SaturatingDeferredPopulation" if needs_saturation(neuron) else "DeferredPopulation"
