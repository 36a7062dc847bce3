"""Lanes of a layer, and where its neurons lie in the memories."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls.memory_layout import LaneLayout
from hls.parallelism import resolve_parallelism
from model.base.errors import UserError
from model.integer_network import InputCode, WireCode
from tests.hls.networks import Shape, random_network

NETWORK = random_network(Shape((4, 300, 10), InputCode.BITS, 2, (3,), (WireCode.BITS,)), seed=0)


def test_one_number_serves_all_layers_and_is_held_at_their_neurons() -> None:
    assert resolve_parallelism(64, NETWORK) == {"hidden1": 64, "readout": 10}


def test_a_list_gives_one_number_a_layer() -> None:
    assert resolve_parallelism([50, 5], NETWORK) == {"hidden1": 50, "readout": 5}


def test_automatic_lanes_are_the_fewest_for_their_passes() -> None:
    # 300 neurons on at most 128 lanes take three passes, and 100 lanes do that.
    assert resolve_parallelism("auto", NETWORK) == {"hidden1": 100, "readout": 10}


def test_a_list_of_another_length_is_refused() -> None:
    with pytest.raises(UserError) as error:
        resolve_parallelism([1, 2, 3], NETWORK)
    assert str(error.value) == (
        "hls.parallelism has 3 values, the network has 2 layers (hidden1, readout);"
        ' give one number, a list with one a layer, or "auto"'
    )


@given(neurons=st.integers(1, 40), lanes=st.integers(1, 40), sources=st.integers(1, 5))
def test_every_lane_finds_its_neurons_where_the_kernels_look(neurons: int, lanes: int, sources: int) -> None:
    layout = LaneLayout(neurons, min(lanes, neurons))
    values = np.arange(1, neurons + 1)
    weights = np.arange(1, neurons * sources + 1).reshape(neurons, sources)
    constants, rows = layout.constants(values, surplus=-1), layout.weights(weights)
    assert len(constants) == layout.padded
    assert len(rows) == layout.padded * sources
    assert layout.padded - layout.lanes < neurons <= layout.padded
    for neuron in range(layout.padded):
        group, lane = divmod(neuron, layout.lanes)
        assert constants[lane * layout.groups + group] == (values[neuron] if neuron < neurons else -1)
        for source in range(sources):
            expected = weights[neuron, source] if neuron < neurons else 0
            assert rows[lane * sources * layout.groups + source * layout.groups + group] == expected
