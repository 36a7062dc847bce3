"""The published vectors of conversion methods, through the converter and the golden simulator."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.config import Configuration
from model.conversion.convert import convert
from model.conversion.trained import TrainedLayer
from model.golden import simulate
from model.golden.decode import decoded_levels
from model.golden.firing import fire_frame
from model.integer_network import Network, WireCode
from model.reference import evaluate_reference
from tests.model.networks import column, deferred
from tests.model.trained_numbers import chained, dense_layer, dense_readout

# Θ = 4, V0 = 2, one charge a time step: charges, level of the ANN (what pascal and parallel send), train and last potential
# of a plain integrate-and-fire neuron, the train packed early, level of the signed quantiser −2..3.
# From the survey of conversion methods.
VECTORS: list[tuple[tuple[int, ...], int, tuple[int, ...], int, tuple[int, ...], int]] = [
    ((2, -2), 0, (1, 0), -2, (0, 0), 0),
    ((-2, 10), 2, (0, 1), 6, (1, 1), 2),
    ((6, 6, -12), 0, (1, 1, 0), -6, (0, 0, 0), 0),
    ((20, 0), 2, (1, 1), 14, (1, 1), 3),
    ((-9, 5), 0, (0, 0), -2, (0, 0), -1),
    ((1, 1, 1, 1), 1, (0, 1, 0, 0), 2, (1, 0, 0, 0), 1),
    ((0, 0, 0, 2), 1, (0, 0, 0, 1), 0, (1, 0, 0, 0), 1),
    ((-3, -3, 9, 9), 3, (0, 0, 1, 1), 6, (1, 1, 1, 0), 3),
    ((3, 3, 3, 3), 3, (1, 1, 0, 1), 2, (1, 1, 1, 0), 3),
    ((-2,), 0, (0,), 0, (0,), 0),
    ((-3,), 0, (0,), -1, (0,), -1),
]
BRIGHT = np.uint8(255)
ONE_BRIGHT = np.array([[255, 0]], dtype=np.uint8)


def configured(hidden: int, method: str, **conversion: Any) -> Configuration:
    table = {
        "name": "vectors",
        "input": {"bits": 1},
        "network": {"hidden": [1] * hidden},
        "conversion": {"method": method, **conversion},
    }
    return Configuration.model_validate(table)


def layer(weights: Any, unit: float, levels: int, lowest: int = 0) -> TrainedLayer:
    matrix = np.array(weights)
    ones = np.ones(len(matrix))
    return dense_layer(matrix, 8, ones, np.zeros(len(matrix)), unit, levels, lowest)


def network_of(config: Configuration, *layers: TrainedLayer) -> Network:
    pixels = layers[0].weights.shape[1]
    readout = dense_readout(np.ones((1, len(layers[-1].weights)), dtype=np.int64), 2, 1.0, np.zeros(1))
    return convert(config, chained(1, layers, readout), (pixels,))[0]


def accumulated(charges: tuple[int, ...], levels: int, lowest: int, config: Configuration) -> Network:
    """One pixel and one weight a charge, so that a bright image is the sum of all of them."""
    return network_of(config, layer([charges], 4.0, levels, lowest))


def one_at_a_time(charges: tuple[int, ...], levels: int, lowest: int, method: str) -> Network:
    """A causal neuron "hidden2" that receives these charges of a bright pixel, one a time step.

    Of Θ = 24, V0 = 12 and these constant charges come the trains 1010, 0010, 0100 and 0001; the first less the second is 1000.
    A dark second pixel could take every level, so that no channel is taken for constant.
    """
    multi_spikes = method == "pmsm"
    first, second, third, fourth = (*charges, 0, 0, 0)[:4]
    spike_levels = 1 if multi_spikes else 4
    sources = layer([[12, 99], [4, 99], [6, 99], [3, 99]], 24.0 / spike_levels, spike_levels)
    unit = 4.0 * 24 / (1 if multi_spikes else levels)
    # A method of several time steps is causal; a vector of one step has a second in which nothing comes.
    config = configured(2, method, time_steps=max(len(charges), 2))
    return network_of(config, sources, layer([[first, third - first, second, fourth]], unit, levels, lowest))


@pytest.mark.parametrize("method", ["pascal", "parallel", "pmsm"])
@pytest.mark.parametrize("code", ["unary", "bits", "count"])
@pytest.mark.parametrize("charges, level, _train, _potential, early, _signed", VECTORS)
def test_deferred_neurons_send_the_level_of_the_ann(
    method: str,
    code: str,
    charges: tuple[int, ...],
    level: int,
    _train: Any,
    _potential: int,
    early: tuple[int, ...],
    _signed: int,
) -> None:
    network = accumulated(charges, len(charges), 0, configured(1, method, code=code))
    pixels = np.full((1, len(charges)), BRIGHT)
    spikes = simulate(network, pixels).layers["hidden1"].spikes
    assert decoded_levels(network.hidden[0], spikes).tolist() == [[level]]
    assert evaluate_reference(network, np.ones((1, len(charges)), dtype=np.int64)).levels["hidden1"].tolist() == [[level]]
    if code == "unary":
        assert spikes[:, 0, 0].tolist() == list(early)


@pytest.mark.parametrize("code", ["unary", "bits", "count"])
@pytest.mark.parametrize("charges, _level, _train, _potential, _early, signed", VECTORS)
def test_signed_neurons_send_the_level_of_the_signed_quantiser(
    code: str, charges: tuple[int, ...], _level: int, _train: Any, _potential: int, _early: Any, signed: int
) -> None:
    network = accumulated(charges, 3, -2, configured(1, "pmsm", code=code))
    spikes = simulate(network, np.full((1, len(charges)), BRIGHT)).layers["hidden1"].spikes
    assert decoded_levels(network.hidden[0], spikes).tolist() == [[signed]]


@pytest.mark.parametrize("method", ["opi", "qcfs", "dual-phase"])
@pytest.mark.parametrize("charges, level, train, potential, _early, _signed", [row for row in VECTORS if len(row[0]) > 1])
def test_causal_neurons_send_the_train_of_plain_integrate_and_fire(
    method: str, charges: tuple[int, ...], level: int, train: tuple[int, ...], potential: int, _early: Any, _signed: int
) -> None:
    network = one_at_a_time(charges, len(charges), 0, method) if method != "dual-phase" else dual_phase(charges)
    neuron = network.hidden[1].neuron
    assert (neuron.threshold.tolist(), neuron.offset.tolist(), neuron.step_bias.tolist()) == ([4], [2], [0])
    result = simulate(network, ONE_BRIGHT)
    trace = result.layers["hidden2"]
    assert trace.spikes[:, 0, 0].tolist() == list(train)
    assert trace.potentials.tolist() == [[potential]]


def published_pascal(charges: list[int], threshold: int, steps: int) -> list[int]:
    """The neuron as it is published: provisional spikes while it integrates, corrections of both signs, then a packed train."""
    potential, count = threshold // 2, 0
    for charge in charges:
        potential += charge
        if potential >= threshold:
            potential, count = potential - threshold, count + 1
    for _ in range(max(len(charges), steps) - 1):
        change = int(potential >= threshold) - int(potential < 0)
        potential, count = potential - change * threshold, count + change
    left, train = count * threshold, []
    for _ in range(steps):
        train.append(int(left >= threshold))
        left -= train[-1] * threshold
    return train


@settings(max_examples=300)
@given(st.lists(st.integers(-60, 60), min_size=1, max_size=8), st.integers(1, 20).map(lambda half: 2 * half), st.integers(1, 8))
def test_waiting_sends_the_train_of_the_published_pascal_neuron(charges: list[int], threshold: int, levels: int) -> None:
    """And that of parallel's comparators, [S + Θ/2 ≥ i·Θ] for i = 1..T."""
    total = sum(charges) + threshold // 2
    neuron = deferred(WireCode.UNARY, levels, column(threshold), column(threshold // 2))
    spikes, _ = fire_frame(neuron, np.array([[total]], dtype=np.float64))
    assert spikes[:, 0, 0].tolist() == published_pascal(charges, threshold, levels)
    assert spikes[:, 0, 0].tolist() == [int(total >= number * threshold) for number in range(1, levels + 1)]


def dual_phase(charges: tuple[int, ...]) -> Network:
    """The same neuron; levels and time steps are one number, so that the sources have as many levels too."""
    steps = len(charges)
    first, second, third, fourth = (*charges, 0, 0, 0)[:4]
    config = Configuration.model_validate(
        {
            "name": "vectors",
            "input": {"bits": 1},
            "network": {"hidden": [4, 1], "levels": steps},
            "conversion": {"method": "dual-phase"},
        }
    )
    sources = layer([[12, 99], [4, 99], [6, 99], [3, 99]], 24.0 / steps, steps)
    return network_of(config, sources, layer([[first, third - first, second, fourth]], 4.0 * 24 / steps, steps))


@pytest.mark.parametrize("lowest, expected, total", [(0, [2, 1, 0], 3), (-3, [2, 1, -3], 0)])
def test_several_signed_spikes_take_back_what_was_sent_too_early(lowest: int, expected: list[int], total: int) -> None:
    """Charges 6, 6, −12 with at most two spikes a step: without negative spikes 3 are sent, the level is 0."""
    network = one_at_a_time((6, 6, -12), 2, lowest, "pmsm")
    trace = simulate(network, ONE_BRIGHT).layers["hidden2"]
    assert trace.spikes[:, 0, 0].tolist() == expected
    assert trace.spikes.sum() == total


def test_the_uneven_example_of_qcfs() -> None:
    """Weight 1.5, threshold 1, V0 = 0, spikes at 3 and 4 of 4 steps: two spikes, and a potential of one threshold is left.

    Everything doubled: charges 0, 0, 3, 3 against Θ = 2.
    """
    steps = 4
    config = configured(2, "qcfs", time_steps=steps, initial_potential="zero")
    # From zero, 8 a step reach 24 at step 3 and 6 a step at step 4.
    sources = layer([[8, 99], [6, 99]], 6.0, steps)
    network = network_of(config, sources, layer([[3, 3]], 2.0 * 24 / steps, steps))
    trace = simulate(network, ONE_BRIGHT).layers["hidden2"]
    assert network.hidden[1].neuron.offset.tolist() == [0]
    assert trace.spikes[:, 0, 0].tolist() == [0, 0, 1, 1]
    assert trace.potentials.tolist() == [[2]]
