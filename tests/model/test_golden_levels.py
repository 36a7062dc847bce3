"""The simulation on levels against the simulation spike by spike: every level, score and count."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from model.golden import count_operations, simulate
from model.golden.decode import decoded_levels
from model.golden.levels import simulate_levels
from model.golden.products import ExactProduct, packing_stride
from model.golden.sums import resets_of_divisions
from model.golden.tallies import column_sums
from model.integer_network import (
    Encoder,
    InputCode,
    Network,
    NeuronMode,
    Shape,
    Synapses,
    WireCode,
)
from tests.model.networks import (
    causal,
    chain,
    column,
    deferred,
    networks,
    readout,
    some_pixels,
    tiny_causal_network,
    tiny_network,
)

LEVELS = sys.modules[simulate_levels.__module__]


def assert_equal_to_simulation(network: Network, pixels: np.ndarray) -> None:
    full, fast = simulate(network, pixels), simulate_levels(network, pixels)
    for layer in network.hidden:
        expected = decoded_levels(layer, full.layers[layer.name].spikes)
        assert np.array_equal(fast.levels[layer.name], expected), layer.name
    assert np.array_equal(fast.scores, full.scores)
    assert np.array_equal(fast.classes, full.classes)
    assert fast.counts == count_operations(network, full)


@settings(max_examples=300, deadline=None)
@given(networks(), st.integers(0, 9), st.integers(0, 1000))
def test_every_level_score_and_count_equals_the_simulation_of_spikes(network: Network, frames: int, seed: int) -> None:
    assert_equal_to_simulation(network, some_pixels(network, frames, seed))


@settings(max_examples=50, deadline=None)
@given(networks(most_channels=70, most_bits=4), st.integers(30, 70), st.integers(0, 1000))
def test_wide_layers_and_many_frames_equal_it_too(network: Network, frames: int, seed: int) -> None:
    assert_equal_to_simulation(network, some_pixels(network, frames, seed))


@pytest.mark.parametrize("mode", [NeuronMode.DEFERRED, NeuronMode.CAUSAL])
def test_chunks_and_threads_change_nothing(mode: NeuronMode, monkeypatch: pytest.MonkeyPatch) -> None:
    network = tiny_network() if mode is NeuronMode.DEFERRED else tiny_causal_network()
    pixels = some_pixels(network, 103, 3)
    whole = simulate_levels(network, pixels)
    monkeypatch.setattr(LEVELS, "_VALUES_AT_ONCE", 1)
    assert len(LEVELS._chunks(network, 103)) == 7
    for threads in (1, 3):
        with threadpool_limits(threads, user_api="blas"):
            parts = simulate_levels(network, pixels)
        assert np.array_equal(whole.scores, parts.scores)
        assert np.array_equal(whole.levels["hidden1"], parts.levels["hidden1"])
        assert whole.counts == parts.counts


def test_products_start_as_many_threads_as_before() -> None:
    network = tiny_network()
    with threadpool_limits(2, user_api="blas"):
        before = LEVELS._libraries().select(user_api="blas").info()
        simulate_levels(network, some_pixels(network, 800_000, 0))
        assert LEVELS._libraries().select(user_api="blas").info() == before


def packed_network(largest: int) -> Network:
    """40-33-32 with 4-bit weights and levels up to ``largest``; both layers are wide enough to pack."""
    generator = np.random.default_rng(largest)
    weights = [generator.integers(-7, 8, shape) for shape in ((33, 40), (32, 33))]
    hidden = deferred(WireCode.COUNT, largest, np.full(33, 9), np.full(33, 40), -largest)
    return chain(Encoder((40,), 2, InputCode.BITS), weights, [hidden, readout(np.arange(32))])


@pytest.mark.parametrize("frames", range(5))
def test_two_frames_in_one_row_come_apart(frames: int) -> None:
    network = packed_network(7)
    products = [LEVELS._Population(network, layer)._links[0].product for layer in network.layers]
    assert [product.packs for product in products] == [True, True]
    assert_equal_to_simulation(network, some_pixels(network, frames, frames))


def test_a_stride_that_is_too_small_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[ExactProduct.__module__], "packing_stride", lambda *_: 100)
    network = packed_network(7)
    with pytest.raises(AssertionError, match="hidden1"):
        assert_equal_to_simulation(network, some_pixels(network, 9, 0))


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(32, 40), st.integers(-64, 0), st.integers(1, 64))
def test_products_are_exact_at_the_ends_of_their_ranges(seed: int, channels: int, low: int, high: int) -> None:
    generator = np.random.default_rng(seed)
    synapses = Synapses("input", generator.integers(-127, 128, (32, channels)), 8)
    product = ExactProduct(synapses, Shape(channels), low, high, 25)
    values = generator.choice(np.array([low, 0, high], dtype=np.int8), (33, channels))
    values[0], values[-1] = np.where(synapses.weights[0] > 0, high, low), np.where(synapses.weights[0] > 0, low, high)
    assert np.array_equal(product(values), values.astype(np.int64) @ synapses.weights.T)


def test_charges_share_a_row_up_to_the_last_bit_of_single_precision() -> None:
    """A span of s − 1 and a magnitude m need m·(s + 1), and the lowest charge on top, below 2**24."""
    assert packing_stride(column(0), column(4094)) == 4095
    assert packing_stride(column(0), column(4095)) == 4096
    assert packing_stride(column(0), column(4096)) == 0
    assert packing_stride(column(-2894, -5), column(2000, 2889)) == 4895
    assert packing_stride(column(-3000), column(2800)) == 0


def test_sums_of_wide_potentials_take_double_precision() -> None:
    network = chain(Encoder((600,), 8, InputCode.BITS), [np.full((1, 600), 127)], [readout(column(1))], 8)
    pixels = np.full((1, 600), 255, dtype=np.uint8)
    pixels[0, 0] = 254
    assert simulate_levels(network, pixels).scores.tolist() == [[127 * (600 * 255 - 1) + 1]]


def test_a_charge_that_is_wider_than_the_potential_it_meets_is_exact() -> None:
    """V0 = 2**24 − 1 and charges down to −2**24 − 2**14: the potential stays within 25 bits, a charge alone does not."""
    channels = 2**24 // 127 // 64 + 3
    synapses = Synapses("hidden1", np.full((1, channels), -127), 8)
    values = np.full((1, channels), 64, dtype=np.int8)
    values[0, 0] = 63
    product = ExactProduct(synapses, Shape(channels), 0, 64, 25)
    assert product.dtype is np.float64
    assert product(values).tolist() == [[-127 * (64 * channels - 1)]]


@pytest.mark.parametrize("code", [WireCode.UNARY, WireCode.BITS, WireCode.COUNT])
@pytest.mark.parametrize("lowest, levels", [(0, 1), (0, 6), (0, 64), (-64, 64), (-1, 64), (-64, 1), (-3, 5)])
def test_every_level_of_every_code_costs_what_it_costs(code: WireCode, lowest: int, levels: int) -> None:
    network = chain(
        Encoder((1,), 8, InputCode.BITS),
        [np.array([[1]]), np.array([[1]])],
        [deferred(code, levels, column(1), column(-100), lowest), readout(column(0))],
    )
    assert_equal_to_simulation(network, np.arange(256, dtype=np.uint8)[:, None])


@pytest.mark.parametrize("steps", [1, 32, 64])
@pytest.mark.parametrize("spikes", [(0, 1), (-1, 1), (0, 64), (-64, 64)])
def test_causal_layers_of_many_steps_equal_the_simulation(steps: int, spikes: tuple[int, int]) -> None:
    generator = np.random.default_rng(steps)
    first, second = (
        causal(
            spikes[1],
            steps,
            generator.integers(1, 40, 5),
            generator.integers(-9, 99, 5),
            generator.integers(-9, 9, 5),
            spikes[0],
            spikes,
        )
        for _ in range(2)
    )
    weights = [generator.integers(-7, 8, shape) for shape in ((5, 6), (5, 5), (3, 5))]
    network = chain(Encoder((6,), 4, InputCode.DIRECT), weights, [first, second, readout(np.zeros(3, dtype=np.int64))])
    assert_equal_to_simulation(network, some_pixels(network, 50, 1))


def test_a_causal_layer_reads_the_train_of_a_deferred_one() -> None:
    """The verifier lets a packed train of as many steps feed a causal layer."""
    neurons = [
        deferred(WireCode.UNARY, 4, column(3, 5), column(1, 2), -2),
        causal(4, 4, column(3, 2), column(1, 1), column(0, 1)),
        readout(column(0, 4)),
    ]
    weights = [np.array([[1, -2, 3], [2, 1, -1]]), np.array([[1, 2], [-1, 3]]), np.array([[1, -1], [2, 1]])]
    network = chain(Encoder((3,), 3, InputCode.BITS), weights, neurons)
    assert_equal_to_simulation(network, some_pixels(network, 40, 2))


@given(st.integers(0, 70), st.integers(1, 9), st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_bytes_add_up_without_overflow(rows: int, columns: int, largest: int, seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, largest + 1, (rows, columns), dtype=np.uint8)
    assert np.array_equal(column_sums(values, largest), values.sum(axis=0, dtype=np.int64))


@pytest.mark.parametrize("largest", [1, 2, 8, 30, 31, 255])
def test_the_largest_bytes_add_up_too(largest: int) -> None:
    values = np.full((4099, 3), largest, dtype=np.uint8)
    assert column_sums(values, largest).tolist() == [4099 * largest] * 3


def test_resets_of_a_division_are_those_of_its_passes() -> None:
    neuron = deferred(WireCode.COUNT, 6, column(1), column(0))
    assert neuron.fire_multiples == (3, 2, 1)
    resets = [resets_of_divisions(neuron, np.array([[level]], dtype=np.int8)) for level in range(7)]
    assert resets == [0, 1, 1, 1, 2, 2, 3]
