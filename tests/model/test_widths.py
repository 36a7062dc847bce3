"""The proof of widths, against every input of small networks in the worst order of events."""

import itertools
from dataclasses import replace

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
    Neuron,
    NeuronMode,
    WireCode,
    potential_range,
    required_bits,
    verify_network,
)
from model.integer_network.widths import charge_register_range, needs_saturation, signed_bits
from tests.model.networks import causal, chain, column, deferred, networks, readout


def every_image(encoder: Encoder) -> np.ndarray:
    """All combinations of levels as pixels, (images, channels)."""
    steps = range(0, 256, 1 << (8 - encoder.bits))
    return np.array(list(itertools.product(steps, repeat=encoder.neurons)), dtype=np.uint8)


class Extremes:
    """Lowest and highest value seen."""

    def __init__(self) -> None:
        self.low = self.high = 0

    def see(self, *values: np.ndarray) -> None:
        for value in values:
            self.low = min(self.low, int(value.min()))
            self.high = max(self.high, int(value.max()))


def worst_orders(
    start: np.ndarray, spikes: np.ndarray, weights: np.ndarray, bias: np.ndarray | int, seen: Extremes
) -> np.ndarray:
    """Add a step's charge and bias; all negative terms first, then all positive ones, reach the extremes of every order."""
    charge = spikes @ weights.T
    negative, positive = spikes @ np.minimum(weights, 0).T, spikes @ np.maximum(weights, 0).T
    seen.see(start + negative + np.minimum(bias, 0), start + positive + np.maximum(bias, 0), start + charge + bias)
    return np.asarray(start + charge + bias)


def reached(network: Network, layer: Layer, spikes: np.ndarray) -> Extremes:
    """Every value of every potential and of every difference that a compare forms, in every order of events."""
    neuron, weights, seen = layer.neuron, layer.synapses[0].weights, Extremes()
    source = layer.synapses[0].source
    potential = np.zeros((spikes.shape[1], neuron.neurons), dtype=np.int64)
    doubling = network.source_is_bits(source)
    if neuron.mode is NeuronMode.CAUSAL:
        direct = network.source_is_direct(source)
        if direct:
            for number, plane in enumerate(spikes.astype(np.int64)):
                potential = worst_orders(potential + potential if number else potential, plane, weights, 0, Extremes())
        start = np.broadcast_to(neuron.offset, potential.shape).astype(np.int64)
        seen.see(start)
        for step in range(neuron.time_steps):
            if direct:
                seen.see(start + potential, start + neuron.step_bias)
                start = start + potential + neuron.step_bias
            else:
                start = worst_orders(start, spikes[step].astype(np.int64), weights, neuron.step_bias, seen)
            start = decided(neuron, start, seen)
        return seen
    for number, plane in enumerate(spikes.astype(np.int64)):
        potential = worst_orders(potential + potential if doubling and number else potential, plane, weights, 0, seen)
    potential = potential + neuron.offset
    seen.see(potential)
    if neuron.mode is NeuronMode.READOUT:
        return seen
    if needs_saturation(neuron):
        seen.see(potential - neuron.threshold * (neuron.levels + 1))
        potential = np.minimum(potential, neuron.threshold * (neuron.levels + 1) - 1)
    decided(neuron, potential, seen)
    return seen


def decided(neuron: Neuron, potential: np.ndarray, seen: Extremes) -> np.ndarray:
    """One decision: what is left of the potential, and every difference on the way."""
    if neuron.fires_by_division:
        potential = potential - neuron.decision_range[0] * neuron.threshold
    seen.see(potential)
    for multiple in neuron.fire_multiples:
        difference = potential - multiple * neuron.threshold
        seen.see(difference)
        potential = np.where(difference >= 0, difference, potential)
    if neuron.is_leaky:
        sum_ = potential + neuron.negative_threshold
        seen.see(sum_)
        potential = np.where(sum_ < 0, sum_, potential)
    seen.see(potential)
    return np.asarray(potential)


@settings(max_examples=120)
@given(networks(most_channels=3, most_bits=3))
def test_no_input_and_no_order_of_events_leaves_the_proved_range(network: Network) -> None:
    pixels = every_image(network.encoder)
    result = simulate(network, pixels)
    spikes = result.input_spikes
    for layer in network.layers:
        seen = reached(network, layer, spikes)
        low, high = potential_range(network, layer)
        assert low <= seen.low
        assert seen.high <= high
        half = 1 << (layer.neuron.potential_bits - 1)
        assert -half <= seen.low
        assert seen.high < half
        spikes = result.layers[layer.name].spikes


@settings(max_examples=60)
@given(networks(NeuronMode.DEFERRED, most_channels=3, most_bits=3))
def test_the_range_of_the_first_layer_is_reached(network: Network) -> None:
    """All inputs of the first layer are possible, so its proof is as tight as the values themselves."""
    layer = network.layers[0]
    seen = reached(network, layer, simulate(network, every_image(network.encoder)).input_spikes)
    low, high = potential_range(network, layer)
    if layer.neuron.mode is NeuronMode.READOUT:
        assert (seen.low, seen.high) == (low, high)
    elif not needs_saturation(layer.neuron) and not layer.neuron.fires_by_division:
        assert seen.high == high


@settings(max_examples=40)
@given(networks(NeuronMode.CAUSAL, most_channels=3, most_bits=3))
def test_the_charge_register_of_direct_input_is_reached(network: Network) -> None:
    if not network.hidden:
        return
    layer = network.layers[0]
    charge = input_levels(every_image(network.encoder), network.encoder).astype(np.int64) @ layer.synapses[0].weights.T
    neuron = layer.neuron
    shift = np.zeros_like(neuron.step_bias) if neuron.is_leaky else -neuron.lowest_spike * neuron.threshold
    sums = np.concatenate([charge, charge + neuron.step_bias + shift])
    assert charge_register_range(network, layer) == (int(sums.min()), int(sums.max()))


@pytest.mark.parametrize(
    "low, high, bits", [(0, 0, 1), (-1, 0, 1), (0, 1, 2), (-2, 1, 2), (-2, 2, 3), (-128, 127, 8), (-129, 0, 9), (0, 128, 9)]
)
def test_width_of_a_signed_number(low: int, high: int, bits: int) -> None:
    assert signed_bits(low, high) == bits


@settings(max_examples=40)
@given(networks(), st.integers(0, 10))
def test_a_width_below_the_proof_is_refused(network: Network, which: int) -> None:
    layer = network.layers[which % len(network.layers)]
    needed = required_bits(network, layer)
    narrow = replace(layer, neuron=replace(layer.neuron, potential_bits=needed - 1))
    layers = tuple(narrow if other is layer else other for other in network.layers)
    with pytest.raises(UserError) as error:
        verify_network(replace(network, layers=layers))
    assert str(error.value) == (f"integer network, layer {layer.name}: potential_bits is {needed - 1}; the proof needs {needed}")


def test_potentials_of_more_than_32_bits_are_refused() -> None:
    big = 1 << 31
    with pytest.raises(UserError) as error:
        chain(
            Encoder((1,), 1, InputCode.BITS),
            [np.array([[1]]), np.array([[1]])],
            [deferred(WireCode.BITS, 3, column(big), column(0)), readout(column(0))],
        )
    assert str(error.value) == (
        "integer network, layer hidden1: potential_bits is 34; at most 32 are supported,"
        " use fewer weight bits, levels or time steps"
    )


def test_causal_potentials_that_grow_are_followed_over_all_time_steps() -> None:
    """Charge 3 and bias 0 on threshold 1 in 5 steps: 2 more after every one, so 3 is reached, then 5, 7, 9 and 11."""
    network = chain(
        Encoder((1,), 2, InputCode.DIRECT),
        [np.array([[1]]), np.array([[1]])],
        [causal(5, 5, column(1), column(0), column(0)), readout(column(0))],
    )
    assert potential_range(network, network.hidden[0]) == (-1, 11)


def test_a_packet_counts_as_the_spikes_that_it_holds() -> None:
    """Levels −2..3 behind weights 2 and −1: charges between 2·(−2) − 3 and 2·3 + 2."""
    first = deferred(WireCode.COUNT, 3, column(1, 1), column(0, 0), lowest=-2)
    network = chain(Encoder((1,), 1, InputCode.BITS), [np.array([[1], [1]]), np.array([[2, -1]])], [first, readout(column(0))], 3)
    assert potential_range(network, network.readout) == (-7, 8)


def test_the_negative_threshold_of_a_leaky_neuron_needs_room_above_the_largest_potential() -> None:
    """One step, charge 1, V0 = 0, Θ = 1: after the spike 0 is left, and 0 + 100 is compared with 0."""
    leaky = causal(1, 1, column(1), column(0), column(0), -1, (-1, 1), column(100))
    network = chain(Encoder((1,), 1, InputCode.DIRECT), [np.array([[1]]), np.array([[1]])], [leaky, readout(column(0))])
    assert potential_range(network, network.hidden[0]) == (-1, 100)
