"""What each method promises, on networks of random numbers: equal integers, exact first layers, and changes that are seen."""

import itertools
from dataclasses import replace
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.base.errors import UserError
from model.config import Configuration
from model.conversion.convert import convert
from model.conversion.evaluated import RoundedNetwork, trained_weights
from model.conversion.proof import compare_ann
from model.conversion.trained import TrainedLayer, TrainedNetwork, with_levels
from model.golden import simulate
from model.golden.decode import decoded_levels
from model.golden.step import compare_golden
from model.integer_network import Network, NeuronMode
from model.reference import evaluate_reference
from tests.model.trained_numbers import chained, dense_layer, dense_readout

CODES = ["unary", "bits", "count"]
INPUTS, BITS = 5, 3
SLOPE = 0.125


def configured(hidden: int, method: str, levels: int = 3, activation: str = "auto", **conversion: Any) -> Configuration:
    table = {
        "name": "test",
        "input": {"bits": BITS},
        "network": {"hidden": [1] * hidden, "levels": levels, "activation": activation},
        "conversion": {"method": method, **conversion},
    }
    return Configuration.model_validate(table)


@st.composite
def trained_networks(
    draw: st.DrawFn, lowest: tuple[int, int] = (0, 0), slope: float = 0.0, levels: int | None = None, calibrated: bool = False
) -> TrainedNetwork:
    """One to three hidden layers with real constants as training leaves them, 1 to 9 levels unless given.

    Args:
        lowest: range of each layer's lowest level; of leaky layers it is −levels.
        slope: of leaky layers.
        levels: of every layer.
        calibrated: with initial potentials and a distance of levels for every channel.
    """
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = [INPUTS, *draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))]
    layers = []
    unit = 1.0 / (2**BITS - 1)
    for sources, channels in itertools.pairwise(sizes):
        count = draw(st.integers(1, 9)) if levels is None else levels
        reach = 7 * sources * unit * 2**BITS
        gain = generator.choice([-1, 0.001, 1], channels, p=[0.4, 0.1, 0.5]) * generator.uniform(0.2, 2, channels) / reach
        distance = generator.uniform(0.1, 0.9) / count
        layers.append(
            dense_layer(
                weights=generator.integers(-7, 8, (channels, sources)),
                weight_bits=4,
                gain=gain * unit,
                bias=generator.normal(0, 0.4, channels),
                unit=float(distance),
                levels=count,
                lowest=-count if slope else draw(st.integers(*lowest)),
                negative_slope=slope,
                threshold_unit=distance * generator.uniform(0.5, 2, channels) if calibrated and not slope else None,
                initial_potential=generator.uniform(-0.5, 1.5, channels) if calibrated else None,
            )
        )
        unit = layers[-1].unit
    last = dense_readout(
        generator.integers(-7, 8, (3, sizes[-1])), 4, float(generator.uniform(0.01, 1)), generator.normal(size=3)
    )
    return chained(2**BITS - 1, tuple(layers), last)


def images(seed: int, frames: int = 12) -> np.ndarray:
    """(frames, INPUTS), the first dark, the second bright."""
    pixels = np.random.default_rng(seed).integers(0, 256, (frames, INPUTS), dtype=np.uint8)
    pixels[0], pixels[1] = 0, 255
    return pixels


def levels_of(pixels: np.ndarray) -> np.ndarray:
    return (pixels >> (8 - BITS)).astype(np.int64)


def judged(config: Configuration, trained: TrainedNetwork, pixels: np.ndarray) -> tuple[Network, dict[str, Any]]:
    """Convert; the Brevitas network with the trained integers equals the reference. Levels and scores of the reference."""
    network, _ = convert(config, trained, (INPUTS,))
    reference = evaluate_reference(network, levels_of(pixels))
    ann = RoundedNetwork(network, trained_weights(trained, network)).evaluate(levels_of(pixels))
    comparison = compare_ann(reference, ann)
    assert comparison.equal, comparison.first
    return network, {**reference.levels, "scores": reference.scores}


@settings(max_examples=20)
@given(trained_networks(), st.integers(0, 1000), st.lists(st.sampled_from(CODES), min_size=3, max_size=3))
def test_pascal_parallel_and_pmsm_without_negative_levels_are_one_network(
    trained: TrainedNetwork, seed: int, mixed: list[str]
) -> None:
    """All of them equal one ANN in every code and any mix of codes."""
    pixels, hidden = images(seed), len(trained.hidden)
    expected: dict[str, Any] | None = None
    for method in ("pascal", "parallel", "pmsm"):
        for code in (*CODES, mixed[:hidden]):
            network, _ = convert(configured(hidden, method, code=code), trained, (INPUTS,))
            ann = expected or judged(configured(hidden, method, code=code), trained, pixels)[1]
            result = simulate(network, pixels)
            for layer in network.hidden:
                assert np.array_equal(decoded_levels(layer, result.layers[layer.name].spikes), ann[layer.name])
            assert np.array_equal(result.scores, ann["scores"])
            expected = ann


@settings(max_examples=20)
@given(trained_networks(lowest=(-9, 0)), st.integers(0, 1000), st.lists(st.sampled_from(CODES), min_size=3, max_size=3))
def test_pmsm_at_one_time_step_equals_its_ann_in_every_code(trained: TrainedNetwork, seed: int, codes: list[str]) -> None:
    pixels, hidden = images(seed), len(trained.hidden)
    network, _ = judged(configured(hidden, "pmsm", code=codes[:hidden]), trained, pixels)
    reference, result = evaluate_reference(network, levels_of(pixels)), simulate(network, pixels)
    assert compare_golden(network, reference, result).equal


@settings(max_examples=20)
@given(trained_networks(lowest=(-9, 0)), st.integers(0, 1000), st.integers(2, 9))
def test_pmsm_of_several_steps_has_the_constants_of_one(trained: TrainedNetwork, seed: int, time_steps: int) -> None:
    """Its ANN is that of one step; its first layer, whose charge is constant, is the quantiser with T times the levels."""
    pixels, hidden = images(seed), len(trained.hidden)
    one, ann_of_one = judged(configured(hidden, "pmsm"), trained, pixels)
    several, ann = judged(configured(hidden, "pmsm", time_steps=time_steps), trained, pixels)
    for first, second in zip(one.hidden, several.hidden, strict=True):
        assert first.neuron.threshold.tolist() == second.neuron.threshold.tolist()
        assert first.neuron.offset.tolist() == (second.neuron.offset + second.neuron.step_bias).tolist()
        assert second.neuron.decision_range == (first.neuron.lowest, first.neuron.levels)
    assert all(np.array_equal(ann[name], ann_of_one[name]) for name in ann)
    neuron = several.hidden[0].neuron
    charge = levels_of(pixels) @ several.hidden[0].synapses[0].weights.T + neuron.step_bias
    finer = (time_steps * charge + neuron.offset) // neuron.threshold
    spikes = simulate(several, pixels).layers["hidden1"].spikes.sum(axis=0, dtype=np.int64)
    assert np.array_equal(spikes, np.clip(finer, *neuron.frame_range))


@settings(max_examples=20)
@given(trained_networks(levels=4), st.integers(0, 1000), st.sampled_from(["opi", "qcfs", "dual-phase"]))
def test_the_first_layer_of_causal_methods_is_exact(trained: TrainedNetwork, seed: int, method: str) -> None:
    """Charge is constant, V0 = ⌊Θ/2⌋, and there are as many time steps as levels."""
    pixels = images(seed)
    network, ann = judged(configured(len(trained.hidden), method, levels=4, time_steps=4), trained, pixels)
    spikes = simulate(network, pixels).layers["hidden1"].spikes
    assert np.array_equal(decoded_levels(network.hidden[0], spikes), ann["hidden1"])


@settings(max_examples=20)
@given(trained_networks(), st.integers(0, 1000), st.integers(1, 64))
def test_qcfs_is_opi(trained: TrainedNetwork, seed: int, time_steps: int) -> None:
    pixels, hidden = images(seed), len(trained.hidden)
    opi, ann = judged(configured(hidden, "opi", time_steps=time_steps), trained, pixels)
    qcfs, same = judged(configured(hidden, "qcfs", time_steps=time_steps), trained, pixels)
    assert all(np.array_equal(ann[name], same[name]) for name in ann)
    assert np.array_equal(simulate(opi, pixels).scores, simulate(qcfs, pixels).scores)


def test_the_initial_potential_may_be_zero_and_the_ann_stays() -> None:
    trained = chained(7, (numbers([[3, -2, 1, 4, -5]], 1.0, 3),), dense_readout(np.array([[1]]), 4, 1.0, np.zeros(1)))
    pixels = images(0)
    half, ann = judged(configured(1, "opi", time_steps=3), trained, pixels)
    zero, same = judged(configured(1, "opi", time_steps=3, initial_potential="zero"), trained, pixels)
    assert half.hidden[0].neuron.offset.tolist() == (half.hidden[0].neuron.threshold // 2).tolist()
    assert zero.hidden[0].neuron.offset.tolist() == [0]
    assert zero.hidden[0].neuron.threshold.tolist() == half.hidden[0].neuron.threshold.tolist()
    assert all(np.array_equal(ann[name], same[name]) for name in ann)
    assert simulate(zero, pixels).layers["hidden1"].spikes.sum() < simulate(half, pixels).layers["hidden1"].spikes.sum()


def numbers(weights: Any, unit: float, levels: int, **more: Any) -> TrainedLayer:
    matrix = np.array(weights)
    return dense_layer(matrix, 8, np.ones(len(matrix)), np.zeros(len(matrix)), unit, levels, **more)


@settings(max_examples=20)
@given(trained_networks(slope=SLOPE), st.integers(0, 1000), st.booleans())
def test_leaky_networks_have_a_threshold_for_each_sign(trained: TrainedNetwork, seed: int, calibrated: bool) -> None:
    if calibrated:
        potential = np.random.default_rng(seed).uniform(-0.5, 1.5, 6)
        hidden = (replace(layer, initial_potential=potential[: len(layer.gain)]) for layer in trained.hidden)
        trained = replace(trained, hidden=tuple(hidden))
    network, ann = judged(configured(len(trained.hidden), "dual-phase", activation="leaky"), trained, images(seed))
    for layer, before in zip(network.hidden, trained.hidden, strict=True):
        neuron = layer.neuron
        assert (neuron.lowest, neuron.lowest_spike, neuron.largest_spike) == (-before.levels, -1, 1)
        assert ann[layer.name].min() >= -before.levels
        if before.initial_potential is None:
            assert np.array_equal(neuron.offset, neuron.threshold // 2)
        else:
            assert np.abs(neuron.offset - before.initial_potential * neuron.threshold).max() <= 0.5


def test_the_leaky_threshold_is_that_of_the_slope() -> None:
    """Θ = 21·7 / 1 a spike of 3 levels of 7; Θ⁻ is a hundred times that. Levels below zero come from sums below −Θ⁻/6."""
    layer = numbers([[1], [-120]], 7.0, 3, lowest=-3, negative_slope=0.01)
    trained = chained(1, (layer,), dense_readout(np.ones((1, 2), dtype=np.int64), 2, 1.0, np.zeros(1)))
    config = configured(1, "dual-phase", activation="leaky")
    network, certificate = convert(
        config.model_copy(update={"input": config.input.model_copy(update={"bits": 1})}), trained, (1,)
    )
    # The first channel never reaches a level: constant, threshold of 3 levels and bias 0.
    assert certificate["hidden1"].constant_channels == 2
    wide = replace(layer, bias=np.array([0.0, -340.0]))
    trained = chained(1, (wide,), trained.readout)
    network, _ = convert(config.model_copy(update={"input": config.input.model_copy(update={"bits": 1})}), trained, (1,))
    neuron = network.hidden[0].neuron
    assert neuron.threshold.tolist() == [3, 21]
    assert neuron.negative_threshold.tolist() == [3, 2100]
    dark, bright = evaluate_reference(network, np.array([[0], [1]])).levels["hidden1"][:, 1]
    assert (dark, bright) == (0, -1)


@settings(max_examples=60)
@given(trained_networks(lowest=(-9, 0), calibrated=True), st.integers(0, 1000))
def test_levels_are_those_of_the_trained_network_but_for_boundaries_that_rounding_moved(
    trained: TrainedNetwork, seed: int
) -> None:
    """Exact fractions are the judge of the first layer: signed levels, and a distance of levels for every channel."""
    pixels = images(seed, 40)
    network, certificate = convert(configured(len(trained.hidden), "pmsm"), trained, (INPUTS,))
    got = evaluate_reference(network, levels_of(pixels)).levels["hidden1"]
    layer = trained.hidden[0]
    wrong = set()
    for frame, sums in enumerate(levels_of(pixels) @ layer.weights.T):
        for channel, total in enumerate(sums):
            z = Fraction(float(layer.gain[channel])) * int(total) / trained.input_levels + Fraction(float(layer.bias[channel]))
            level = floor(z / Fraction(float(layer.distance[channel])) + Fraction(1, 2))
            if got[frame, channel] != min(max(level, layer.lowest), layer.levels):
                wrong.add(channel)
    assert len(wrong) <= certificate["hidden1"].shifted_channels


@settings(max_examples=15)
@given(trained_networks(levels=6), st.integers(0, 1000), st.integers(1, 64))
def test_parallel_reads_a_network_with_any_number_of_levels(trained: TrainedNetwork, seed: int, levels: int) -> None:
    pixels, hidden = images(seed), len(trained.hidden)
    network, ann = judged(configured(hidden, "parallel", time_steps=levels), trained, pixels)
    assert {layer.neuron.levels for layer in network.hidden} == {levels}
    _, same = judged(configured(hidden, "pascal"), with_levels(trained, [levels] * hidden), pixels)
    assert all(np.array_equal(ann[name], same[name]) for name in ann)
    assert np.array_equal(simulate(network, pixels).scores, ann["scores"])


def test_another_number_of_levels_keeps_the_clip() -> None:
    quantised = numbers([[1]], 0.5, 4, threshold_unit=np.array([0.25]))
    clipped = numbers([[1]], 2.0, 0)
    leaky = numbers([[1]], 2.0, 0, negative_slope=0.01)
    last = dense_readout(np.array([[1]]), 4, 1.0, np.zeros(1))
    read = with_levels(chained(7, (quantised, clipped, leaky), last), [8, 8, 4]).hidden
    assert [layer.clip for layer in (quantised, clipped, *read)] == [2.0] * 5
    assert [layer.unit for layer in read] == [0.25, 0.25, 0.5]
    assert read[0].distance.tolist() == [0.125]
    assert [layer.lowest for layer in read] == [0, 0, -4]
    with pytest.raises(AssertionError, match="signed"):
        with_levels(chained(7, (replace(quantised, lowest=-4),), last), [8])


def test_opi_gives_a_clipped_network_as_many_levels_as_time_steps() -> None:
    """The staircase of T levels is the ANN, so with one hidden layer nothing is lost."""
    trained = chained(7, (numbers([[3, -2, 1, 4, -5]], 2.0, 0),), dense_readout(np.array([[1]]), 4, 1.0, np.zeros(1)))
    pixels = images(3, 40)
    for steps in (1, 5, 64):
        network, _ = judged(configured(1, "opi", activation="clip", time_steps=steps), trained, pixels)
        assert network.hidden[0].neuron.levels == network.hidden[0].neuron.time_steps == steps
        reference = evaluate_reference(network, levels_of(pixels))
        assert compare_golden(network, reference, simulate(network, pixels)).equal


def test_time_steps_beyond_the_widths_are_refused_with_the_number_that_fits() -> None:
    """A sum of −1500·127·255 at every step, which nothing takes away."""
    weights = np.full((1, 1500), -127)
    weights[0, 0] = 127
    trained = chained(
        255, (dense_layer(weights, 8, np.ones(1), np.zeros(1), 1.0, 3),), dense_readout(np.array([[1]]), 4, 1.0, np.zeros(1))
    )
    config = configured(1, "opi", time_steps=64)
    config = config.model_copy(update={"input": config.input.model_copy(update={"bits": 8})})
    with pytest.raises(UserError) as error:
        convert(config, trained, (1500,))
    assert str(error.value) == (
        "conversion.time_steps = 64: the membrane potential of layer hidden1 would need 33 bits, at most 32 are supported;"
        " at most 44 time steps fit"
    )
    fits = config.model_copy(update={"conversion": config.conversion.model_copy(update={"time_steps": 44})})
    assert convert(fits, trained, (1500,))[0].hidden[0].neuron.potential_bits == 32


FLIPS: dict[str, Any] = {
    "threshold": lambda neuron: replace(neuron, threshold=neuron.threshold + 3),
    "offset": lambda neuron: replace(neuron, offset=neuron.offset + neuron.threshold),
    "levels": lambda neuron: replace(neuron, levels=neuron.levels - 1),
    "lowest": lambda neuron: replace(neuron, lowest=neuron.lowest + 1),
}


@pytest.mark.parametrize("flip", FLIPS)
def test_a_flip_in_a_signed_layer_is_seen_and_named(flip: str) -> None:
    layer = numbers([[3, -2, 1, 4, -5], [-3, 2, 6, -4, 5]], 8.0 / 7, 4, lowest=-3)
    trained = chained(7, (layer,), dense_readout(np.ones((2, 2), dtype=np.int64), 4, 1.0, np.zeros(2)))
    network, _ = convert(configured(1, "pmsm", code="count"), trained, (INPUTS,))
    pixels = images(1, 200)
    mutant = replace(
        network, layers=(replace(network.layers[0], neuron=FLIPS[flip](network.layers[0].neuron)), network.layers[1])
    )
    for examined, equal in ((network, True), (mutant, False)):
        reference = evaluate_reference(network, levels_of(pixels))
        assert compare_golden(examined, reference, simulate(examined, pixels)).equal is equal
        comparison = compare_ann(reference, RoundedNetwork(examined).evaluate(levels_of(pixels)))
        assert comparison.equal is equal
    assert " layer hidden1 neuron " in str(comparison.first)


def test_a_flip_of_the_second_threshold_is_seen() -> None:
    layer = numbers([[30, -20, 10, 40, -50], [-30, 20, 60, -40, 50]], 8.0 / 7, 4, lowest=-4, negative_slope=SLOPE)
    trained = chained(7, (layer,), dense_readout(np.ones((2, 2), dtype=np.int64), 4, 1.0, np.zeros(2)))
    network, _ = convert(configured(1, "dual-phase", levels=4, activation="leaky"), trained, (INPUTS,))
    neuron = network.layers[0].neuron
    assert neuron.mode is NeuronMode.CAUSAL
    changed = replace(neuron, negative_threshold=neuron.negative_threshold * 2)
    mutant = replace(network, layers=(replace(network.layers[0], neuron=changed), network.layers[1]))
    reference = evaluate_reference(network, levels_of(images(1, 200)))
    assert compare_ann(reference, RoundedNetwork(network).evaluate(levels_of(images(1, 200)))).equal
    assert not compare_ann(reference, RoundedNetwork(mutant).evaluate(levels_of(images(1, 200)))).equal
