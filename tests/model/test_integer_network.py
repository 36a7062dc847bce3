"""The integer network: its file, its verifier and its text."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from safetensors import safe_open
from safetensors.numpy import save_file

from model.base.errors import UserError
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Neuron,
    NeuronMode,
    Synapses,
    WireCode,
    load_network,
    network_text,
    save_network,
    verify_network,
    with_proved_widths,
)
from tests.model.networks import NONE, causal, chain, column, deferred, networks, readout, tiny_causal_network, tiny_network

Arrays = dict[str, np.ndarray]
Metadata = dict[str, str]


def with_layer(network: Network, index: int, **changes: Any) -> Network:
    layers = list(network.layers)
    layers[index] = replace(layers[index], **changes)
    return replace(network, layers=tuple(layers))


def with_neuron(network: Network, index: int, **changes: Any) -> Network:
    return with_layer(network, index, neuron=replace(network.layers[index].neuron, **changes))


def with_synapses(network: Network, index: int, **changes: Any) -> Network:
    return with_layer(network, index, synapses=(replace(network.layers[index].synapses[0], **changes),))


def refusal(network: Network) -> str:
    with pytest.raises(UserError) as error:
        verify_network(network)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_text_of_a_deferred_network() -> None:
    assert network_text(tiny_network()) == (
        "network test method pascal\n"
        "  encoder bits shape 1x2 bits 2 levels 3 time_steps 2\n"
        "  layer hidden1 deferred neurons 2 levels 3 code unary time_steps 3\n"
        "    potential_bits 4 range -4 .. 6\n"
        "    weights input -> hidden1 2x2 bits 3 zeros 1 [1 -1 2 0] sha256 debadc40c759\n"
        "    threshold [2 3] sha256 fe6d3d3bb5dd\n"
        "    offset [1 -1] sha256 db0550d553e2\n"
        "  layer readout readout neurons 2\n"
        "    potential_bits 5 range -9 .. 11\n"
        "    weights hidden1 -> readout 2x2 bits 3 zeros 1 [1 0 -3 2] sha256 4d6589752192\n"
        "    offset [0 5] sha256 b15c0825f56c\n"
    )


def test_text_of_a_causal_network() -> None:
    assert network_text(tiny_causal_network()) == (
        "network test method opi\n"
        "  encoder direct shape 2 bits 2 levels 3 time_steps 2\n"
        "  layer hidden1 causal neurons 1 levels 3 code train time_steps 4\n"
        "    potential_bits 5 range -10 .. 7\n"
        "    weights input -> hidden1 1x2 bits 2 zeros 0 [1 -1] sha256 db0550d553e2\n"
        "    threshold [4] sha256 f0a0278e4372\n"
        "    offset [2] sha256 d86e8112f3c4\n"
        "    step_bias [1] sha256 7c9fa136d441\n"
        "  layer readout readout neurons 1\n"
        "    potential_bits 5 range 0 .. 12\n"
        "    weights hidden1 -> readout 1x1 bits 2 zeros 0 [1] sha256 7c9fa136d441\n"
        "    offset [8] sha256 6cc16abd70ee\n"
    )


def test_text_shortens_long_arrays_but_its_digest_covers_them() -> None:
    weights = np.arange(-7, 7).reshape(1, 14)
    network = chain(Encoder((14,), 1, InputCode.BITS), [weights], [readout(column(0))])
    changed = weights.copy()
    changed[0, -1] = 7
    line, other = (
        next(row for row in network_text(net).splitlines() if "weights" in row)
        for net in (network, with_synapses(network, 0, weights=changed))
    )
    assert "[-7 -6 -5 -4 -3 -2 -1 0 1 2 3 4 ...]" in line
    assert "[-7 -6 -5 -4 -3 -2 -1 0 1 2 3 4 ...]" in other
    assert line != other


@settings(max_examples=40)
@given(networks())
def test_a_network_survives_its_file(tmp_path_factory: pytest.TempPathFactory, network: Network) -> None:
    path = tmp_path_factory.mktemp("network") / "network.safetensors"
    save_network(network, path)
    again = load_network(path)
    assert network_text(again) == network_text(network)
    first = path.read_bytes()
    save_network(again, path)
    assert path.read_bytes() == first


def rewritten(path: Path, change: Callable[[Arrays, Metadata], None]) -> None:
    """Read the file, change arrays or metadata, and write it again as another program would."""
    with safe_open(path, framework="numpy") as stream:
        metadata = dict(stream.metadata())
        arrays = {name: stream.get_tensor(name).copy() for name in stream.keys()}
    change(arrays, metadata)
    save_file(arrays, path, metadata=metadata)


def flip_weight(arrays: Arrays, _metadata: Metadata) -> None:
    arrays["hidden1.weights.0"][0, 1] += 1


def flip_threshold(arrays: Arrays, _metadata: Metadata) -> None:
    arrays["hidden1.threshold"][1] += 1


def change_code(_arrays: Arrays, metadata: Metadata) -> None:
    metadata["network"] = metadata["network"].replace('"code":"unary"', '"code":"bits"')


@pytest.mark.parametrize("change", [flip_weight, flip_threshold, change_code])
def test_a_tampered_network_is_refused(tmp_path: Path, change: Callable[[Arrays, Metadata], None]) -> None:
    path = tmp_path / "network.safetensors"
    save_network(tiny_network(), path)
    rewritten(path, change)
    with pytest.raises(UserError) as error:
        load_network(path)
    assert str(error.value) == (
        f"{path}: its contents do not match their checksum, so it was changed after it was written; run the convert step again"
    )


def test_a_network_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "network.safetensors"
    save_network(tiny_network(), path)
    rewritten(path, lambda _arrays, metadata: metadata.update(version="4"))
    with pytest.raises(UserError) as error:
        load_network(path)
    assert str(error.value) == (
        f"{path}: version 4 of the integer network; this program reads version 3, use the one that wrote it"
    )


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "network.safetensors"
    save_file({"a": np.zeros(1)}, path)
    with pytest.raises(UserError) as error:
        load_network(path)
    assert str(error.value) == f"{path}: format is None; expected 'isospike-integer-network'"


def test_a_missing_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "network.safetensors"
    with pytest.raises(UserError) as error:
        load_network(path)
    assert str(error.value) == f"{path}: no such integer network; run the convert step again"


@pytest.mark.parametrize("length", [0, 7, 100, -1])
def test_a_truncated_network_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "network.safetensors"
    save_network(tiny_network(), path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(UserError, match=r": not a readable integer network \(.*\); run the convert step again$"):
        load_network(path)


def test_a_network_without_an_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "network.safetensors"
    save_network(tiny_network(), path)

    def without_offset(arrays: Arrays, metadata: Metadata) -> None:
        from model.integer_network.storage import _digest

        del arrays["hidden1.offset"]
        metadata["sha256"] = _digest(json.loads(metadata["network"]), arrays)

    rewritten(path, without_offset)
    with pytest.raises(UserError) as error:
        load_network(path)
    assert str(error.value) == f"{path}: incomplete integer network ('hidden1.offset'); run the convert step again"


def test_an_illegal_network_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "network.safetensors"
    with pytest.raises(UserError):
        save_network(with_neuron(tiny_network(), 0, threshold=column(2, 0)), path)
    assert not path.exists()


REFUSALS: list[tuple[Network, str]] = [
    (
        replace(tiny_network(), encoder=Encoder((2,), 9, InputCode.BITS)),
        "integer network, encoder: bits is 9; legal are 1 to 8",
    ),
    (
        replace(tiny_network(), encoder=Encoder((2, 0), 2, InputCode.BITS)),
        "integer network, encoder: shape is (2, 0); every size must be at least 1",
    ),
    (
        replace(tiny_network(), encoder=Encoder((2,), 2, InputCode.DIRECT)),
        "integer network, encoder: code is direct, the first layer is deferred;"
        " direct input goes with a causal first layer and only with it",
    ),
    (
        replace(tiny_causal_network(), encoder=Encoder((2,), 2, InputCode.BITS)),
        "integer network, encoder: code is bits, the first layer is causal;"
        " direct input goes with a causal first layer and only with it",
    ),
    (replace(tiny_network(), layers=()), "network test: no layers; at least the readout is needed"),
    (
        with_layer(tiny_network(), 1, name="hidden1"),
        "network test: layer names ['hidden1', 'hidden1'] must be distinct and none may be 'input'",
    ),
    (
        with_layer(tiny_network(), 0, name="input"),
        "network test: layer names ['input', 'readout'] must be distinct and none may be 'input'",
    ),
    (
        with_synapses(tiny_network(), 1, source="input"),
        "integer network, layer hidden1: no later layer reads it",
    ),
    (
        with_layer(tiny_network(), 1, synapses=()),
        "integer network, layer readout: no synapses; at least one group is needed",
    ),
    (
        with_synapses(tiny_network(), 0, weight_bits=9),
        "integer network, layer hidden1: weight_bits is 9; legal are 2 to 8",
    ),
    (
        with_synapses(tiny_network(), 0, weights=np.zeros((2, 3), dtype=np.int64)),
        "integer network, layer hidden1: weights have shape (2, 3); expected (2, 2)",
    ),
    (
        with_synapses(tiny_network(), 0, weights=np.array([[-4, 0], [0, 0]])),
        "integer network, layer hidden1: a weight of magnitude 4; 3 bits, narrow range, hold 3",
    ),
    (
        with_neuron(tiny_network(), 0, mode=NeuronMode.READOUT),
        "integer network, layer hidden1: mode is readout; the last layer and only the last is a readout",
    ),
    (
        with_neuron(tiny_network(), 0, code=WireCode.TRAIN),
        "integer network, layer hidden1: code is train; a deferred neuron sends unary, bits, count",
    ),
    (
        with_neuron(tiny_network(), 0, lowest=1),
        "integer network, layer hidden1: lowest is 1; legal are -64 to 0",
    ),
    (
        with_neuron(tiny_network(), 0, lowest=-4),
        "integer network, layer hidden1: time_steps is 3; levels -4..3 in unary code take 4",
    ),
    (
        with_neuron(tiny_network(), 0, code=WireCode.COUNT),
        "integer network, layer hidden1: time_steps is 3; 3 levels in count code take 1",
    ),
    (
        with_neuron(tiny_network(), 0, largest_spike=2),
        "integer network, layer hidden1: spikes are (0, 2);"
        " only a causal neuron has other spikes than 0 to 1, or a negative threshold",
    ),
    (
        with_neuron(tiny_causal_network(), 0, largest_spike=65),
        "integer network, layer hidden1: spikes are 0 to 65; legal are -64..0 to 1..64 in a time step",
    ),
    (
        with_neuron(tiny_causal_network(), 0, negative_threshold=column(9)),
        "integer network, layer hidden1: spikes are 0 to 1; a neuron with a negative threshold sends -1 to 1",
    ),
    (
        with_neuron(tiny_causal_network(), 0, lowest=-3),
        "integer network, layer hidden1: spikes 0 to 1 for levels -3 to 3;"
        " both must be in the same ratio, so that a spike stands for as many levels on either side",
    ),
    (
        with_neuron(tiny_causal_network(), 0, lowest=-3, lowest_spike=-1, negative_threshold=column(0)),
        "integer network, layer hidden1: negative_threshold of channel 0 is 0; it must be at least 1",
    ),
    (
        with_neuron(tiny_network(), 1, code=WireCode.BITS),
        "integer network, layer readout: code is bits; a readout neuron sends none",
    ),
    (
        with_neuron(tiny_network(), 0, threshold=column(2, 0)),
        "integer network, layer hidden1: threshold of channel 1 is 0; it must be at least 1",
    ),
    (
        with_neuron(tiny_network(), 0, threshold=column(2)),
        "integer network, layer hidden1: threshold has shape (1,); expected (2,)",
    ),
    (
        with_neuron(tiny_network(), 0, step_bias=column(0, 0)),
        "integer network, layer hidden1: step_bias has shape (2,); expected (0,)",
    ),
    (
        with_neuron(tiny_network(), 0, levels=0),
        "integer network, layer hidden1: levels is 0; legal are 1 to 64",
    ),
    (
        with_neuron(tiny_network(), 0, time_steps=2),
        "integer network, layer hidden1: time_steps is 2; 3 levels in unary code take 3",
    ),
    (
        with_neuron(tiny_causal_network(), 0, time_steps=65),
        "integer network, layer hidden1: time_steps is 65; legal are 1 to 64",
    ),
    (
        with_neuron(tiny_causal_network(), 1, offset=column(9)),
        "integer network, layer readout: an offset is no multiple of the 4 time steps of its causal source",
    ),
]


@pytest.mark.parametrize("network, text", REFUSALS, ids=[text for _, text in REFUSALS])
def test_a_network_that_breaks_a_rule_is_refused(network: Network, text: str) -> None:
    assert refusal(network) == text


def test_causal_neurons_take_no_bits() -> None:
    first = Layer("a", (Synapses("input", np.array([[1]]), 2),), deferred(WireCode.BITS, 3, column(1), column(0)))
    second = Layer("b", (Synapses("a", np.array([[1]]), 2),), causal(2, 2, column(1), column(0), column(0)))
    last = Layer("c", (Synapses("b", np.array([[1]]), 2),), readout(column(0)))
    network = Network("test", "mixed", Encoder((1,), 2, InputCode.BITS), (first, second, last))
    assert refusal(network) == (
        "integer network, layer b: mode is causal and the source sends bits; causal neurons take direct charge or spike trains"
    )


def test_causal_neurons_have_the_time_steps_of_their_source() -> None:
    neuron = causal(2, 2, column(1), column(0), column(0))
    longer = causal(2, 3, column(1), column(0), column(0))
    first = Layer("a", (Synapses("input", np.array([[1]]), 2),), neuron)
    second = Layer("b", (Synapses("a", np.array([[1]]), 2),), longer)
    last = Layer("c", (Synapses("b", np.array([[1]]), 2),), readout(column(0)))
    network = Network("test", "opi", Encoder((1,), 2, InputCode.DIRECT), (first, second, last))
    assert refusal(network) == "integer network, layer b: time_steps is 3, its source a has 2"


@settings(max_examples=30)
@given(networks())
def test_proved_widths_pass_the_verifier(network: Network) -> None:
    assert verify_network(with_proved_widths(network)) is not None


def test_sizes_of_a_network() -> None:
    network = tiny_network()
    assert (network.neurons, network.synapse_count) == (4, 8)
    assert [layer.name for layer in network.hidden] == ["hidden1"]
    assert network.source_range("input") == (0, 3)
    assert network.source_range("hidden1") == (0, 3)
    assert network.source_wire_range("hidden1") == (0, 1)
    assert network.source_steps("input") == 2
    assert network.source_is_bits("input")
    assert not network.source_is_bits("hidden1")
    assert not network.source_is_direct("input")
    causal_network = tiny_causal_network()
    assert causal_network.source_range("hidden1") == (0, 4)
    assert causal_network.source_is_direct("input")
    assert isinstance(network.readout.neuron, Neuron)
    assert network.readout.neuron.threshold.shape == NONE.shape
