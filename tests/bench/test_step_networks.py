"""The networks that are measured: as many levels or time steps as asked for, the same integers from both."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.golden_against_spikingjelly import same_as_simulation
from bench.step_networks import one_product, with_levels, with_time_steps
from model.base.errors import UserError
from model.integer_network import Encoder, InputCode, Network, WireCode
from tests.model.networks import chain, column, deferred, readout, some_pixels


def one_hidden_layer(seed: int, levels: int) -> Network:
    generator = np.random.default_rng(seed)
    hidden = deferred(WireCode.BITS, levels, generator.integers(1, 30, 5), generator.integers(-20, 40, 5))
    weights = [generator.integers(-7, 8, (5, 6)), generator.integers(-7, 8, (3, 5))]
    return chain(Encoder((6,), 2, InputCode.BITS), weights, [hidden, readout(generator.integers(-9, 9, 3))])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 15), st.integers(1, 64), st.sampled_from([WireCode.UNARY, WireCode.BITS]))
def test_levels_are_the_spike_counts_of_a_constant_input(seed: int, levels: int, time_steps: int, code: WireCode) -> None:
    network = one_hidden_layer(seed, levels)
    pixels = some_pixels(network, 9, seed)
    exact = same_as_simulation(with_levels(network, time_steps, code), pixels)
    causal = same_as_simulation(with_time_steps(network, time_steps), pixels)
    assert np.array_equal(exact.levels["hidden1"], causal.levels["hidden1"])
    assert np.array_equal(exact.scores, causal.scores)


def test_its_own_number_of_levels_changes_nothing() -> None:
    network = one_hidden_layer(1, 7)
    same = with_levels(network, 7, WireCode.BITS).hidden[0].neuron
    assert same.threshold.tolist() == network.hidden[0].neuron.threshold.tolist()
    assert same.offset.tolist() == network.hidden[0].neuron.offset.tolist()


def test_deeper_networks_keep_their_rules() -> None:
    """Biases of later layers are multiples of the time steps, so that a step has an integer one."""
    generator = np.random.default_rng(3)
    neurons = [deferred(WireCode.BITS, 3, generator.integers(5, 30, 4), generator.integers(-20, 40, 4)) for _ in range(2)]
    weights = [generator.integers(-7, 8, shape) for shape in ((4, 6), (4, 4), (3, 4))]
    network = chain(Encoder((6,), 2, InputCode.BITS), weights, [*neurons, readout(column(5, -8, 2))])
    pixels = some_pixels(network, 20, 0)
    for time_steps in (1, 8):
        same_as_simulation(with_levels(network, time_steps, WireCode.COUNT), pixels)
        same_as_simulation(with_time_steps(network, time_steps), pixels)


def test_a_signed_network_is_refused() -> None:
    network = chain(
        Encoder((1,), 2, InputCode.BITS),
        [np.array([[1]]), np.array([[1]])],
        [deferred(WireCode.COUNT, 3, column(2), column(1), -2), readout(column(0))],
    )
    with pytest.raises(UserError) as refused:
        with_levels(network, 8, WireCode.BITS)
    assert str(refused.value) == (
        "test: layer hidden1 is deferred, levels -2..3; only unsigned deferred layers can be measured;"
        " take a build of pascal or parallel"
    )


def test_a_difference_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    network = one_hidden_layer(2, 3)
    pixels = some_pixels(network, 5, 0)
    monkeypatch.setattr("model.golden.levels.divide", lambda *range_, out: out.fill(range_[-1]))
    with pytest.raises(UserError) as seen:
        same_as_simulation(network, pixels)
    assert str(seen.value) == (
        "test: the simulation on levels differs from the simulation of spikes; run the tests of model/golden"
    )


def test_the_product_is_that_of_the_first_layer() -> None:
    network = one_hidden_layer(4, 3)
    pixels = some_pixels(network, 5, 0)
    assert np.array_equal(one_product(network, pixels)(), (pixels >> 6).astype(int) @ network.layers[0].synapses[0].weights.T)
