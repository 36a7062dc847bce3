"""Networks of maps: what the verifier refuses, their text, shapes and widths."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.base.errors import UserError
from model.golden import input_levels, simulate
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Shape,
    Synapses,
    Window,
    WireCode,
    load_network,
    network_text,
    potential_range,
    save_network,
    verify_network,
    with_proved_widths,
)
from model.integer_network.connections import connections, fan_out
from sim.random_maps import random_map_case
from tests.model.networks import causal, column, deferred, readout

GAINS = Synapses("hidden1", np.array([300, -2]).reshape(2, 1, 1, 1), 10, groups=2)


def small_network() -> Network:
    """2x4x5 pixels; a convolution with max pooling; a depthwise one beside an identity; a readout behind average pooling."""
    first = Synapses("input", np.arange(-8, 8).reshape(2, 2, 2, 2) // 2, 4, padding=(1, 0))
    depthwise = Synapses("hidden1", np.ones((2, 1, 3, 1), dtype=np.int64), 2, padding=(1, 0), groups=2)
    pooled = replace(deferred(WireCode.UNARY, 3, column(9, 9), column(1, 1)), positions=(3, 3))
    map_ = replace(deferred(WireCode.BITS, 3, column(5, 5), column(0, 1)), positions=(3, 3))
    last = Synapses("hidden2", np.array([[1, -1, 2, 0, 0, 0], [1] * 6]), 3, pooling=(1, 2))
    layers = (
        Layer("hidden1", (first,), pooled, Window((3, 2), (2, 1), (1, 0))),
        Layer("hidden2", (depthwise, GAINS), map_),
        Layer("readout", (last,), readout(column(0, 0))),
    )
    return verify_network(with_proved_widths(Network("maps", "pascal", Encoder((2, 4, 5), 2, InputCode.BITS), layers)))


def causal_network() -> Network:
    """Direct input into 2x2 neurons, each with its own start."""
    neuron = replace(causal(3, 4, column(4), column(0, 1, 2, 3), column(1)), positions=(2, 2))
    layers = (
        Layer("hidden1", (Synapses("input", np.ones((1, 1, 2, 2), dtype=np.int64), 2),), neuron),
        Layer("readout", (Synapses("hidden1", np.ones((1, 4), dtype=np.int64), 2),), readout(column(8))),
    )
    return verify_network(with_proved_widths(Network("maps", "opi", Encoder((3, 3), 2, InputCode.DIRECT), layers)))


def with_layer(network: Network, index: int, **changes: Any) -> Network:
    layers = list(network.layers)
    layers[index] = replace(layers[index], **changes)
    return replace(network, layers=tuple(layers))


def with_neuron(network: Network, index: int, **changes: Any) -> Network:
    return with_layer(network, index, neuron=replace(network.layers[index].neuron, **changes))


def with_group(network: Network, index: int, group: int = 0, **changes: Any) -> Network:
    groups = list(network.layers[index].synapses)
    groups[group] = replace(groups[group], **changes)
    return with_layer(network, index, synapses=tuple(groups))


def test_text_of_a_network_of_maps() -> None:
    assert network_text(small_network()) == (
        "network maps method pascal\n"
        "  encoder bits shape 2x4x5 bits 2 levels 3 time_steps 2\n"
        "  layer hidden1 deferred neurons 18 map 2x3x3 levels 3 code unary time_steps 3\n"
        "    potential_bits 8 range -77 .. 37\n"
        "    weights input -> hidden1 2x2x2x2 stride 1x1 padding 1x0 groups 1 bits 4 zeros 2"
        " [-4 -4 -3 -3 -2 -2 -1 -1 0 0 1 1 ...] sha256 5ad6b73c02c3\n"
        "    max pooling 3x2 stride 2x1 padding 1x0 of 2x5x4\n"
        "    threshold [9 9] sha256 ae4a25ab66bd\n"
        "    offset [1 1] sha256 814dd7b9784d\n"
        "  layer hidden2 deferred neurons 18 map 2x3x3 levels 3 code bits time_steps 2\n"
        "    potential_bits 11 range -15 .. 909\n"
        "    weights hidden1 -> hidden2 2x1x3x1 stride 1x1 padding 1x0 groups 2 bits 2 zeros 0"
        " [1 1 1 1 1 1] sha256 334658f17798\n"
        "    weights hidden1 -> hidden2 2x1x1x1 stride 1x1 padding 0x0 groups 2 bits 10 zeros 0 [300 -2] sha256 bd5d183bcf13\n"
        "    threshold [5 5] sha256 83b4202652da\n"
        "    offset [0 1] sha256 9d34149fbd1f\n"
        "  layer readout readout neurons 2\n"
        "    potential_bits 7 range -6 .. 36\n"
        "    weights hidden2 -> readout 2x6 average pooling 1x2 bits 3 zeros 3 [1 -1 2 0 0 0 1 1 1 1 1 1] sha256 27397844fcc7\n"
        "    offset [0 0] sha256 374708fff771\n"
    )


def test_shapes_of_a_network_of_maps() -> None:
    network = small_network()
    hidden1, hidden2, last = network.layers
    assert network.encoder.map == Shape(2, 4, 5)
    assert network.potential_map(hidden1) == Shape(2, 5, 4)
    assert hidden1.neuron.map == Shape(2, 3, 3)
    assert hidden2.neuron.map == Shape(2, 3, 3)
    assert last.synapses[0].pooled(hidden2.neuron.map) == Shape(2, 3, 1)
    assert [layer.neuron.neurons for layer in network.layers] == [18, 18, 2]
    assert [layer.name for layer, _ in network.readers("hidden1")] == ["hidden2", "hidden2"]
    assert [group.is_identity for group in hidden2.synapses] == [False, True]
    assert (Encoder((7,), 1, InputCode.BITS).map, Encoder((2, 3), 1, InputCode.BITS).map) == (Shape(7), Shape(1, 2, 3))


def test_gains_of_more_than_eight_bits_survive_the_file(tmp_path: Path) -> None:
    save_network(small_network(), tmp_path / "network.safetensors")
    again = load_network(tmp_path / "network.safetensors")
    assert again.layers[1].synapses[1].weights.reshape(-1).tolist() == [300, -2]
    assert network_text(again) == network_text(small_network())


REFUSALS: list[tuple[Network, str]] = [
    (
        replace(small_network(), encoder=Encoder((1, 2, 4, 5), 2, InputCode.BITS)),
        "integer network, encoder: shape is (1, 2, 4, 5); legal are (channels,), (rows, columns) and (channels, rows, columns)",
    ),
    (
        with_group(small_network(), 0, source="hidden2"),
        "integer network, layer hidden1: source is hidden2; earlier are input",
    ),
    (
        with_group(small_network(), 1, 1, source="hidden2"),
        "integer network, layer hidden2: source is hidden2; earlier are input, hidden1",
    ),
    (
        with_group(small_network(), 2, source="hidden1"),
        "integer network, layer hidden2: no later layer reads it",
    ),
    (
        with_group(small_network(), 1, 1, weight_bits=17),
        "integer network, layer hidden2: weight_bits of the gains of an identity is 17; legal are 2 to 16",
    ),
    (
        with_group(small_network(), 1, 0, weight_bits=9),
        "integer network, layer hidden2: weight_bits is 9; legal are 2 to 8",
    ),
    (
        with_group(small_network(), 1, 1, weight_bits=9),
        "integer network, layer hidden2: a weight of magnitude 300; 9 bits, narrow range, hold 255",
    ),
    (
        with_group(small_network(), 2, pooling=(4, 1)),
        "integer network, layer readout: average pooling 4x1 of hidden2, a map of 2x3x3; legal are 1x1 to 3x3",
    ),
    (
        with_group(small_network(), 2, pooling=(0, 1)),
        "integer network, layer readout: average pooling 0x1 of hidden2, a map of 2x3x3; legal are 1x1 to 3x3",
    ),
    (
        with_group(small_network(), 2, pooling=(1, 1)),
        "integer network, layer readout: weights have shape (2, 6); expected (2, 18)",
    ),
    (
        with_group(small_network(), 2, stride=(2, 1)),
        "integer network, layer readout: stride 2x1, padding 0x0, groups 1;"
        " linear synapses have stride 1x1, padding 0x0, groups 1",
    ),
    (
        with_group(small_network(), 2, weights=np.ones((2, 2, 1, 1), dtype=np.int64)),
        "integer network, layer readout: its synapses are a convolution; a readout is linear",
    ),
    (
        with_group(small_network(), 2, weights=np.ones((2, 2, 1), dtype=np.int64)),
        "integer network, layer readout: weights have shape (2, 2, 1); linear ones have two dimensions, convolutions four",
    ),
    (
        with_group(small_network(), 0, weights=np.ones((2, 2, 0, 2), dtype=np.int64)),
        "integer network, layer hidden1: weights have shape (2, 2, 0, 2); every size must be at least 1",
    ),
    (
        with_group(small_network(), 0, weights=np.ones((2, 3, 2, 2), dtype=np.int64)),
        "integer network, layer hidden1: weights have shape (2, 3, 2, 2); expected (2, 2, 2, 2)",
    ),
    (
        with_group(small_network(), 0, weights=np.ones((3, 1, 2, 2), dtype=np.int64), groups=2),
        "integer network, layer hidden1: groups is 2; it must divide 2 channels of input and 3 of its own",
    ),
    (
        with_group(small_network(), 0, groups=0),
        "integer network, layer hidden1: groups is 0; it must divide 2 channels of input and 2 of its own",
    ),
    (
        with_group(small_network(), 0, padding=(2, 0)),
        "integer network, layer hidden1: a convolution of size 2x2, padding 2x0; legal are 0x0 to 1x1",
    ),
    (
        with_group(small_network(), 0, stride=(1, 0)),
        "integer network, layer hidden1: a convolution of size 2x2, stride 1x0; both must be at least 1x1",
    ),
    (
        with_group(small_network(), 0, weights=np.ones((2, 2, 2, 6), dtype=np.int64)),
        "integer network, layer hidden1: a convolution of size 2x6 does not fit into a map of 2x4x5, padded 6x5",
    ),
    (
        with_group(small_network(), 1, 1, stride=(2, 1)),
        "integer network, layer hidden2: its groups charge maps of 2x3x3 from hidden1, 2x2x3 from hidden1;"
        " all must be the same map",
    ),
    (
        with_layer(small_network(), 0, max_pooling=None),
        "integer network, layer hidden1: positions are (3, 3); its synapses and pooling give (5, 4)",
    ),
    (
        with_layer(small_network(), 0, max_pooling=Window((3, 2), (2, 1), (3, 0))),
        "integer network, layer hidden1: max pooling of size 3x2, padding 3x0; legal are 0x0 to 2x1",
    ),
    (
        with_layer(small_network(), 0, max_pooling=Window((6, 2), (2, 1))),
        "integer network, layer hidden1: max pooling of size 6x2 does not fit into a map of 2x5x4, padded 5x4",
    ),
    (
        with_layer(small_network(), 2, max_pooling=Window((1, 1), (1, 1))),
        "integer network, layer readout: max pooling in a readout layer; only deferred layers have it",
    ),
    (
        with_layer(causal_network(), 0, max_pooling=Window((1, 1), (1, 1))),
        "integer network, layer hidden1: max pooling in a causal layer; only deferred layers have it",
    ),
    (
        with_neuron(small_network(), 1, offset=np.zeros(18, dtype=np.int64)),
        "integer network, layer hidden2: offset has shape (18,); expected (2,)",
    ),
    (
        with_neuron(causal_network(), 0, offset=column(1, 2)),
        "integer network, layer hidden1: offset has shape (2,); expected (1,) or (4,)",
    ),
    (
        with_neuron(small_network(), 1, positions=(3, 2)),
        "integer network, layer hidden2: positions are (3, 2); its synapses and pooling give (3, 3)",
    ),
]


@pytest.mark.parametrize("network, text", REFUSALS, ids=[text for _, text in REFUSALS])
def test_a_network_of_maps_that_breaks_a_rule_is_refused(network: Network, text: str) -> None:
    with pytest.raises(UserError) as error:
        verify_network(network)
    assert str(error.value) == text


def test_a_later_layer_that_reads_direct_input_is_causal() -> None:
    network = causal_network()
    extra = replace(deferred(WireCode.BITS, 1, column(1), column(0)), positions=(2, 2))
    both = (
        Synapses("input", np.ones((1, 1, 2, 2), dtype=np.int64), 2),
        Synapses("hidden1", np.ones((1, 1, 1, 1), dtype=np.int64), 2),
    )
    last = replace(network.readout, synapses=(replace(network.readout.synapses[0], source="hidden2"),))
    with pytest.raises(UserError) as error:
        verify_network(replace(network, layers=(network.layers[0], Layer("hidden2", both, extra), last)))
    assert str(error.value) == (
        "integer network, layer hidden2: mode is deferred and it reads input of code direct;"
        " direct input goes with causal layers and only with them"
    )


def test_groups_of_a_causal_layer_have_its_time_steps() -> None:
    network = causal_network()
    longer = replace(causal(3, 5, column(4), column(0), column(1)), positions=(2, 2))
    second = Layer("hidden2", (Synapses("input", np.ones((1, 1, 2, 2), dtype=np.int64), 2),), longer)
    gains = np.ones((1, 1, 1, 1), dtype=np.int64)
    third = Layer("hidden3", (Synapses("hidden1", gains, 2), Synapses("hidden2", gains, 2)), network.layers[0].neuron)
    last = replace(network.readout, synapses=(replace(network.readout.synapses[0], source="hidden3"),))
    with pytest.raises(UserError) as error:
        verify_network(replace(network, layers=(network.layers[0], second, third, last)))
    assert str(error.value) == "integer network, layer hidden3: time_steps is 4, its source hidden2 has 5"


def test_the_range_of_charges_is_that_of_all_groups_and_of_pooled_sums() -> None:
    """hidden1 sends 0..3: the depthwise window adds up to 9, the gains 300 and −2 up to 900 and down to −6.

    From −6 + 1 a compare subtracts 2·5. The readout sums two levels of 0..3: 6·6 = 36 above, −6 below.
    """
    network = small_network()
    assert potential_range(network, network.layers[1]) == (-15, 909)
    assert potential_range(network, network.layers[2]) == (-6, 36)


def test_each_neuron_has_its_own_start_in_the_proof() -> None:
    network = causal_network()
    higher = with_neuron(network, 0, offset=column(0, 1, 2, 30))
    (low, high), (_, highest) = (potential_range(net, net.layers[0]) for net in (network, higher))
    assert (low, highest - high) == (-4, 27)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6))
def test_no_charge_leaves_the_proved_range(seed: int) -> None:
    """The input that is worst for one channel, all pixels at once, and random ones."""
    case = random_map_case(seed, frames=12)
    network = case.network
    result = simulate(network, case.pixels, record_history=True)
    for layer in network.layers:
        low, high = potential_range(network, layer)
        trace = result.layers[layer.name]
        for values in (trace.history, trace.potentials):
            assert low <= values.min(initial=0)
            assert values.max(initial=0) <= high
    assert input_levels(case.pixels, network.encoder).max() == network.encoder.levels


def test_the_range_of_a_convolution_is_reached_inside_of_the_map() -> None:
    """Weights 1, −1 on 2 bits: the pixels under one window at the ends of their range."""
    weights = np.array([[[[1, -1], [2, -2]]]])
    map_ = replace(deferred(WireCode.UNARY, 1, column(1), column(0)), positions=(3, 3))
    layers = (
        Layer("hidden1", (Synapses("input", weights, 3, padding=(1, 1)),), replace(map_, positions=(4, 4))),
        Layer("readout", (Synapses("hidden1", np.ones((1, 16), dtype=np.int64), 2),), readout(column(0))),
    )
    network = verify_network(with_proved_widths(Network("n", "pascal", Encoder((3, 3), 2, InputCode.BITS), layers)))
    bright, dark = np.zeros((3, 3), dtype=np.uint8), np.zeros((3, 3), dtype=np.uint8)
    bright[0:2, 0] = dark[0:2, 1] = 255
    found = simulate(network, np.stack([bright, dark])).layers["hidden1"].potentials[:, 5]
    assert found.tolist() == [9, -9]
    assert potential_range(network, network.layers[0]) == (-10, 9)


def test_fan_out_counts_no_border_and_no_dropped_position() -> None:
    """3x3 with a 2x2 window, stride 2 and padding 1: pixel 0 is under one place of one window, and so is every other one."""
    group = Synapses("input", np.array([[[[1, 0], [2, -1]]]]), 3, stride=(2, 2), padding=(1, 1))
    assert fan_out(group, Shape(1, 3, 3)).all.tolist() == [1] * 9
    assert fan_out(group, Shape(1, 3, 3)).zero.tolist() == [0, 0, 0, 1, 0, 1, 0, 0, 0]
    pooled = replace(group, pooling=(2, 1), stride=(1, 1), padding=(0, 0), weights=np.ones((2, 1, 1, 2), dtype=np.int64))
    assert fan_out(pooled, Shape(1, 3, 3)).all.tolist() == [2, 4, 2, 2, 4, 2, 0, 0, 0]
    assert connections(pooled, Shape(1, 3, 3)) == 8
