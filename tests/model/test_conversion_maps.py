"""Convolutional and residual networks through every conversion: trained network, rounded ANN, reference, golden SNN."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from model.base.errors import UserError
from model.config import Configuration
from model.conversion.choose_codes import choose_codes
from model.conversion.convert import convert
from model.conversion.evaluated import RoundedNetwork, trained_weights
from model.conversion.proof import compare_ann, prove
from model.conversion.resolve import check_configuration
from model.conversion.trained import TrainedNetwork, trained_numbers, with_levels
from model.data import Part
from model.golden import input_levels, simulate
from model.golden.decode import decoded_levels
from model.golden.step import compare_golden
from model.integer_network import Layer, Network
from model.reference import evaluate_reference
from tests.model.map_networks import CLASSES, SHAPES, Layers, configured, layer_lists, random_images, trained

SIX_CODES = st.lists(st.sampled_from(["bits", "unary", "count"]), min_size=6, max_size=6)
RESIDUAL: Layers = [
    {"conv": 4, "kernel": 3, "name": "stem"},
    {"conv": 4, "kernel": 3, "max_pool": {"size": 3, "stride": 1, "padding": 1}},
    {"conv": 4, "kernel": 3, "add": "stem", "name": "identity", "average_pool": 2},
    {"conv": 6, "kernel": 3, "groups": 2},
    {"conv": 6, "kernel": 3, "add": "identity", "name": "shortcut", "average_pool": "global"},
]
CAUSAL = [{key: value for key, value in layer.items() if key != "max_pool"} for layer in RESIDUAL]


def numbers_of(config: Configuration, shape: tuple[int, ...], seed: int) -> TrainedNetwork:
    network = trained(config, shape, seed)
    with torch.no_grad():
        return trained_numbers(network)


def judged(network: Network, numbers: TrainedNetwork, pixels: np.ndarray) -> None:
    """The Brevitas network with the trained integers equals the reference in every level and score."""
    levels = input_levels(pixels, network.encoder)
    ann = RoundedNetwork(network, trained_weights(numbers, network)).evaluate(levels)
    comparison = compare_ann(evaluate_reference(network, levels), ann)
    assert comparison.equal, comparison.first
    assert comparison.values == len(pixels) * network.neurons


@settings(max_examples=25)
@given(
    st.data(),
    SHAPES,
    st.integers(0, 1000),
    st.sampled_from(["pascal", "pmsm"]),
    SIX_CODES,
)
def test_ann_reference_and_golden_are_equal_for_exact_methods(
    data: st.DataObject, shape: tuple[int, ...], seed: int, method: str, codes: list[str]
) -> None:
    layers = data.draw(layer_lists(shape))
    config = configured(layers, conversion={"method": method, "code": codes[: len(layers)]}, batch_norm=bool(seed % 3))
    numbers = numbers_of(config, shape, seed)
    network, _ = convert(config, numbers, shape)
    pixels = random_images(shape, 8, seed)
    judged(network, numbers, pixels)
    reference = evaluate_reference(network, input_levels(pixels, network.encoder))
    comparison = compare_golden(network, reference, simulate(network, pixels))
    assert comparison.equal, comparison.first


@settings(max_examples=15)
@given(st.data(), SHAPES, st.integers(0, 1000), st.sampled_from(["opi", "qcfs", "pmsm"]), st.integers(2, 5))
def test_causal_methods_have_the_same_ann_and_an_exact_first_layer(
    data: st.DataObject, shape: tuple[int, ...], seed: int, method: str, time_steps: int
) -> None:
    layers = data.draw(layer_lists(shape, ("average_pool",)))
    config = configured(
        layers, network={"layers": layers, "levels": time_steps}, conversion={"method": method, "time_steps": time_steps}
    )
    numbers = numbers_of(config, shape, seed)
    network, _ = convert(config, numbers, shape)
    pixels = random_images(shape, 8, seed)
    judged(network, numbers, pixels)
    if method != "pmsm":
        first = network.hidden[0]
        spikes = simulate(network, pixels).layers[first.name].spikes
        levels = evaluate_reference(network, input_levels(pixels, network.encoder)).levels[first.name]
        assert np.array_equal(decoded_levels(first, spikes), levels)


@settings(max_examples=20)
@given(st.data(), SHAPES, st.integers(0, 1000), st.booleans())
def test_wide_weights_and_inputs_leave_the_levels_as_they_were_trained(
    data: st.DataObject, shape: tuple[int, ...], seed: int, batch_norm: bool
) -> None:
    """So gains of identities, shortcuts, poolings and units are those of the forward pass in training."""
    layers = data.draw(layer_lists(shape))
    config = configured(layers, 8, network={"layers": layers, "levels": 4, "weight_bits": 8, "batch_norm": batch_norm})
    network = trained(config, shape, seed)
    with torch.no_grad():
        numbers = trained_numbers(network)
    converted, _ = convert(config, numbers, shape)
    part = Part(random_images(shape, 30, seed), np.zeros(30, dtype=np.uint8))
    rounded = RoundedNetwork(converted, trained_weights(numbers, converted))
    shares = prove(converted, rounded, part, network).equal_to_trained
    assert set(shares) == {layer.name for layer in converted.hidden}
    # A level that rounding changed may change what is behind it.
    assert np.mean(list(shares.values())) > 0.98


def residual_network(method: str = "pascal", **sections: Any) -> tuple[Configuration, TrainedNetwork, Network]:
    config = configured(RESIDUAL, conversion={"method": method}, **sections)
    numbers = numbers_of(config, (2, 6, 6), 4)
    return config, numbers, convert(config, numbers, (2, 6, 6))[0]


def test_groups_names_and_poolings_are_those_of_the_plan() -> None:
    _, _, network = residual_network()
    assert [layer.name for layer in network.layers] == ["stem", "hidden2", "identity", "hidden4", "shortcut", "readout"]
    by_name = {layer.name: layer.synapses for layer in network.layers}
    assert [group.source for group in by_name["identity"]] == ["hidden2", "stem"]
    assert by_name["identity"][1].is_identity
    assert by_name["identity"][1].weight_bits == 16
    assert [group.pooling for group in by_name["shortcut"]] == [(1, 1), (2, 2)]
    assert by_name["shortcut"][1].weights.shape == (6, 4, 1, 1)
    assert by_name["shortcut"][1].weight_bits == 4
    assert by_name["readout"][0].pooling == (3, 3)
    assert network.readout.synapses[0].weights.shape == (CLASSES, 6)
    assert network.layers[1].max_pooling is not None


def test_identity_gains_are_the_ratio_of_the_units() -> None:
    """u_s / (s·u): from the real scales of the quantiser, in this test in double precision."""
    config = configured(RESIDUAL)
    network = trained(config, (2, 6, 6), 3)
    layer = network.layers()[2]
    units = {each.plan.name: float(each.unit.detach()) for each in network.layers()}
    with torch.no_grad():
        scale = layer.weighted.weight.flatten(1).abs().amax(dim=1).double().numpy() / 7
        gains = trained_numbers(network).layer("identity").synapses[1]
    exact = units["stem"] / (scale * units["hidden2"])
    assert gains.exact is not None
    assert np.allclose(gains.exact[:, 0, 0, 0], exact, rtol=1e-5)
    assert np.abs(gains.weights[:, 0, 0, 0] - exact).max() <= 0.5 + 1e-3


def test_a_negative_gain_turns_the_signs_of_every_group() -> None:
    _, numbers, _ = residual_network()
    layers = list(numbers.hidden)
    layers[2] = replace(layers[2], gain=-np.abs(layers[2].gain))
    turned = replace(numbers, hidden=tuple(layers))
    network, _ = convert(configured(RESIDUAL), turned, (2, 6, 6))
    for group, before in zip(network.layer("identity").synapses, layers[2].synapses, strict=True):
        assert np.array_equal(group.weights, -before.weights)
    judged(network, turned, random_images((2, 6, 6), 8, 0))


def test_a_constant_channel_has_no_weights_in_any_group() -> None:
    _, numbers, _ = residual_network()
    layers = list(numbers.hidden)
    gain = layers[4].gain.copy()
    gain[1] = 0
    layers[4] = replace(layers[4], gain=gain)
    constant = replace(numbers, hidden=tuple(layers))
    network, certificate = convert(configured(RESIDUAL), constant, (2, 6, 6))
    assert certificate["shortcut"].constant_channels >= 1
    assert not any(group.weights[1].any() for group in network.layer("shortcut").synapses)
    judged(network, constant, random_images((2, 6, 6), 8, 0))


def test_other_levels_change_the_gains_with_the_units() -> None:
    """Twice as many levels in the added layer alone halve what one of them stands for."""
    _, numbers, _ = residual_network()
    read = with_levels(numbers, [6, 3, 3, 3, 3])
    before, after = (network.layer("identity").synapses[1] for network in (numbers, read))
    assert before.exact is not None
    assert after.exact is not None
    assert np.allclose(after.exact, before.exact / 2)
    assert np.abs(after.weights - after.exact).max() <= 0.5


@pytest.mark.parametrize("activation", ["qcfs", "clip"])
def test_parallel_reads_residual_networks_with_any_number_of_levels(activation: str) -> None:
    config = configured(
        RESIDUAL,
        network={"layers": RESIDUAL, "levels": 3, "activation": activation},
        conversion={"method": "parallel", "time_steps": 6, "calibration": "off"},
    )
    numbers = numbers_of(config, (2, 6, 6), 4)
    network, _ = convert(config, numbers, (2, 6, 6))
    assert {layer.neuron.levels for layer in network.hidden} == {6}
    judged(network, numbers, random_images((2, 6, 6), 8, 0))


def test_max_pooling_is_refused_for_causal_neurons_with_what_fits() -> None:
    with pytest.raises(UserError) as error:
        residual_network("opi")
    assert str(error.value).startswith("network.layers, layer hidden2: max_pool: a causal neuron cannot take back the spikes")
    assert "conversion.method 'opi' takes average_pool; max_pool fits conversion.method 'pascal' or 'parallel'" in str(
        error.value
    )


def test_a_causal_sum_of_different_levels_is_refused() -> None:
    config = configured(CAUSAL, network={"layers": CAUSAL, "levels": [2, 3, 3, 3, 3]}, conversion={"method": "qcfs"})
    with pytest.raises(UserError, match=r"^network\.levels: layer identity adds stem with 2 levels to the sums of hidden2"):
        check_configuration(config)


def test_codes_are_chosen_for_maps_and_change_no_score() -> None:
    _, _, network = residual_network()
    pixels = random_images((2, 6, 6), 20, 1)
    chosen, choices = choose_codes(network, [True] * 5, input_levels(pixels, network.encoder))
    assert [choice.layer for choice in choices] == [layer.name for layer in network.hidden]
    assert np.array_equal(simulate(chosen, pixels).scores, simulate(network, pixels).scores)


def changed(network: Network, name: str, layer: Layer) -> Network:
    return replace(network, layers=tuple(layer if before.name == name else before for before in network.layers))


def other_weight(network: Network, name: str, group: int) -> Network:
    layer = network.layer(name)
    groups = list(layer.synapses)
    weights = groups[group].weights.copy()
    weights.reshape(len(weights), -1)[:, 0] *= -1
    groups[group] = replace(groups[group], weights=weights)
    return changed(network, name, replace(layer, synapses=tuple(groups)))


@pytest.mark.parametrize(
    "mutate",
    [
        lambda network: other_weight(network, "identity", 0),
        lambda network: other_weight(network, "identity", 1),
        lambda network: other_weight(network, "shortcut", 1),
    ],
    ids=["convolution", "identity", "shortcut"],
)
def test_a_weight_that_changed_on_the_way_is_seen_in_every_group(mutate: Any) -> None:
    _, numbers, network = residual_network()
    mutant = mutate(network)
    levels = input_levels(random_images((2, 6, 6), 60, 2), network.encoder)
    ann = RoundedNetwork(mutant, trained_weights(numbers, mutant)).evaluate(levels)
    comparison = compare_ann(evaluate_reference(mutant, levels), ann)
    assert not comparison.equal
    assert f" layer {'shortcut' if 'shortcut' in str(comparison.first) else 'identity'} " in str(comparison.first)


@pytest.mark.parametrize("what", ["threshold", "offset", "max_pooling"])
def test_another_constant_of_a_map_is_seen(what: str) -> None:
    _, numbers, network = residual_network()
    layer = network.layer("hidden2")
    neuron = layer.neuron
    mutants = {
        "threshold": replace(layer, neuron=replace(neuron, threshold=2 * neuron.threshold)),
        "offset": replace(layer, neuron=replace(neuron, offset=neuron.offset + neuron.threshold)),
        "max_pooling": replace(layer, max_pooling=None),
    }
    mutant = changed(network, "hidden2", mutants[what])
    levels = input_levels(random_images((2, 6, 6), 20, 2), network.encoder)
    reference = evaluate_reference(network, levels)
    ann = RoundedNetwork(mutant, trained_weights(numbers, network)).evaluate(levels)
    comparison = compare_ann(reference, ann)
    assert not comparison.equal
    assert " layer hidden2 neuron " in str(comparison.first)


def test_a_proof_in_portions_is_the_proof_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    from model.conversion import chunks

    network = residual_network()[2]
    rounded = RoundedNetwork(other_weight(network, "identity", 0), None)
    part = Part(random_images((2, 6, 6), 23, 5), np.zeros(23, dtype=np.uint8))
    whole = prove(network, rounded, part)
    monkeypatch.setattr(chunks, "_VALUES_AT_ONCE", 2000)
    portions = prove(network, rounded, part)
    assert portions.comparison == whole.comparison
    assert not whole.comparison.equal
    assert whole.comparison.frames == 23
    assert np.array_equal(portions.ann, whole.ann)
    assert np.array_equal(portions.reference, whole.reference)
