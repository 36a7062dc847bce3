"""Folding and rounding, both methods, and the Brevitas network of the chain against the integer reference."""

import itertools
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from model.base.errors import UserError
from model.base.files import read_json
from model.config import Configuration
from model.conversion.convert import convert
from model.conversion.evaluated import RoundedNetwork, trained_weights
from model.conversion.proof import compare_ann
from model.conversion.step import run_convert
from model.conversion.trained import TrainedLayer, TrainedNetwork, TrainedReadout, trained_numbers
from model.golden import input_levels
from model.golden.step import run_golden
from model.integer_network import Encoder, InputCode, Network, NeuronMode, WireCode, load_network, network_text
from model.reference import evaluate_reference
from model.training.checkpoint import read_checkpoint
from model.training.step import CHECKPOINT, best_network, run_train
from tests.model import networks as built
from tests.model.networks import networks, some_pixels
from tests.model.trained_networks import small_configuration, small_data, small_dataset
from tests.model.trained_numbers import chained, dense_layer, dense_readout

METHODS = ["pascal", "opi"]


def configured(hidden: int, method: str, bits: int = 3, **conversion: Any) -> Configuration:
    table = {
        "name": "test",
        "input": {"bits": bits},
        "network": {"hidden": [1] * hidden},
        "conversion": {"method": method, **conversion},
    }
    return Configuration.model_validate(table)


def layer(weights: Any, gain: Any, bias: Any, unit: float, levels: int) -> TrainedLayer:
    return dense_layer(np.array(weights), 8, np.array(gain, dtype=float), np.array(bias, dtype=float), unit, levels)


def readout(weights: Any, scale: float, bias: Any) -> TrainedReadout:
    return dense_readout(np.array(weights), 8, scale, np.array(bias, dtype=float))


def pixels_of(levels: np.ndarray, bits: int) -> np.ndarray:
    return (levels << (8 - bits)).astype(np.uint8)


@st.composite
def on_the_grid(draw: st.DrawFn) -> tuple[TrainedNetwork, list[dict[str, Any]]]:
    """Real constants whose thresholds are even integers and whose biases are integers, so that rounding changes nothing.

    Beside the network: for each layer Θ, bias and sign as the integers that they are, in units of one source level.
    """
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    method_steps = draw(st.sampled_from([1, 3, 7]))
    sizes = [4, *draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))]
    layers, exact, unit, source_levels = [], [], Fraction(1, 7), 7
    for index, (sources, channels) in enumerate(itertools.pairwise(sizes)):
        weights = generator.integers(-7, 8, (channels, sources))
        # In the clip's units the threshold is Θ·L/S and the bias b/S, which must be integers too.
        divisor = 1 if index == 0 else source_levels
        threshold = 2 * divisor * generator.integers(1, 12, channels)
        bias = divisor * generator.integers(-20, 21, channels)
        sign = generator.choice([-1, 1], channels)
        out = Fraction(int(generator.integers(1, 9)), 5)
        gain = [float(int(s) * out / (int(t) * unit)) for s, t in zip(sign, threshold, strict=True)]
        real_bias = [float(int(b) * out / int(t)) for b, t in zip(bias, threshold, strict=True)]
        layers.append(layer(weights, gain, real_bias, float(out), method_steps))
        exact.append({"weights": weights * sign[:, None], "threshold": threshold, "bias": bias})
        unit, source_levels = out, method_steps
    last = generator.integers(-7, 8, (3, sizes[-1]))
    bias = source_levels * generator.integers(-9, 10, 3)
    scale = Fraction(3, 7)
    network = chained(7, tuple(layers), readout(last, float(scale), [float(int(b) * scale * unit) for b in bias]))
    return network, [*exact, {"weights": last, "bias": bias}]


@settings(max_examples=60)
@given(on_the_grid(), st.sampled_from(METHODS), st.integers(1, 9), st.integers(0, 1000))
def test_constants_that_are_integers_already_are_folded_without_loss(
    made: tuple[TrainedNetwork, list[dict[str, Any]]], method: str, time_steps: int, seed: int
) -> None:
    trained, exact = made
    steps: dict[str, Any] = {"time_steps": time_steps} if method == "opi" else {}
    network, certificate = convert(configured(len(trained.hidden), method, **steps), trained, (4,))
    now = np.random.default_rng(seed).integers(0, 8, (6, 4))
    reference = evaluate_reference(network, input_levels(pixels_of(now, 3), network.encoder))
    for index, numbers in enumerate(exact[:-1]):
        charge = now @ numbers["weights"].T + numbers["bias"]
        now = np.clip((2 * charge + numbers["threshold"]) // (2 * numbers["threshold"]), 0, trained.hidden[index].levels)
        assert np.array_equal(reference.levels[f"hidden{index + 1}"], now)
    assert np.array_equal(reference.scores, now @ exact[-1]["weights"].T + exact[-1]["bias"])
    for rounding in certificate.values():
        assert rounding.shifted_channels == 0


@settings(max_examples=40)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 15),
    st.sampled_from(METHODS),
    st.floats(0.5, 300),
)
def test_the_certificate_says_what_rounding_changed(seed: int, levels: int, method: str, scale: float) -> None:
    """One input of 256 levels and weight 1 or −1 sweeps every charge; exact fractions are the judge."""
    generator = np.random.default_rng(seed)
    channels, unit = 10, 0.7
    sign = generator.choice([-1.0, 1.0], channels)
    gain = sign * unit * 255 / (scale * generator.uniform(0.5, 2, channels))
    bias = generator.normal(0, levels * unit, channels)
    trained = chained(
        255, (layer(np.ones((channels, 1), dtype=int), gain, bias, unit, levels),), readout(np.ones((1, channels)), 1.0, [0])
    )
    network, certificate = convert(configured(1, method, bits=8), trained, (1,))
    pixels = np.arange(256, dtype=np.uint8).reshape(256, 1)
    got = evaluate_reference(network, pixels).levels["hidden1"]
    expected = np.empty_like(got)
    for channel in range(channels):
        slope = Fraction(float(gain[channel])) / 255
        shift = Fraction(float(bias[channel]))
        for pixel in range(256):
            level = floor((slope * pixel + shift) / Fraction(unit) + Fraction(1, 2))
            expected[pixel, channel] = min(max(level, 0), levels)
    rounding = certificate["hidden1"]
    changed = (got != expected).sum(axis=0)
    assert np.count_nonzero(changed) <= rounding.shifted_channels
    assert changed.max(initial=0) <= levels * max(rounding.largest_shift, 0)
    constant = (expected == expected[0]).all(axis=0)
    assert constant.sum() == rounding.constant_channels
    assert not changed[constant].any()
    assert rounding.as_dict()["share_of_shifted_channels"] == rounding.shifted_channels / channels


@pytest.mark.parametrize("method", METHODS)
def test_a_negative_gain_flips_the_weights_of_its_channel(method: str) -> None:
    trained = chained(7, (layer([[3, -7], [3, -7]], [1.0, -1.0], [0, 0], 1.0, 3),), readout([[1, 1]], 1.0, [0]))
    network, _ = convert(configured(1, method), trained, (2,))
    assert network.hidden[0].synapses[0].weights.tolist() == [[3, -7], [-3, 7]]


@pytest.mark.parametrize("time_steps", [3, 6])
@pytest.mark.parametrize("method", METHODS)
def test_a_gain_of_zero_makes_a_constant_channel(method: str, time_steps: int) -> None:
    """Levels of −0.6, 0.4, 0.6, 2.4 and 9 steps: 0, 0, 1, 2 and the highest."""
    bias = np.array([-0.6, 0.4, 0.6, 2.4, 9]) * 2
    trained = chained(7, (layer([[5, -5]] * 5, np.zeros(5), bias, 2.0, 3),), readout([[1] * 5], 1.0, [0]))
    steps: dict[str, Any] = {"time_steps": time_steps} if method == "opi" else {}
    network, certificate = convert(configured(1, method, **steps), trained, (2,))
    assert not network.hidden[0].synapses[0].weights.any()
    assert certificate["hidden1"].constant_channels == 5
    reference = evaluate_reference(network, np.array([[0, 0], [7, 0], [3, 7]]))
    assert reference.levels["hidden1"].tolist() == [[0, 0, 1, 2, 3]] * 3
    from model.golden import simulate
    from model.golden.step import compare_golden

    result = simulate(network, np.array([[0, 0], [224, 0], [96, 224]], dtype=np.uint8))
    assert compare_golden(network, reference, result).by_layer["hidden1"] == 0


@pytest.mark.parametrize("method", METHODS)
def test_the_initial_potential_is_half_the_threshold(method: str) -> None:
    trained = chained(7, (layer([[50], [50]], [1.0, 0.6], [0, 0], 8.0, 3),), readout([[1, 1]], 1.0, [0]))
    network, _ = convert(configured(1, method), trained, (1,))
    neuron = network.hidden[0].neuron
    # 8·7 and 8·7/0.6 = 93.3 a level; in the clip's units three times that. The middle boundary of 93.3 stays at 140.
    assert neuron.threshold.tolist() == ([56, 93] if method == "pascal" else [168, 280])
    assert neuron.offset.tolist() == ([28, 46] if method == "pascal" else [84, 140])


def test_the_number_of_time_steps_changes_no_constant_of_opi() -> None:
    trained = trained_numbers_of_small_network()
    few, many = (convert(configured(2, "opi", time_steps=steps), trained, (4, 5))[0] for steps in (2, 11))
    for one, other in zip(few.layers, many.layers, strict=True):
        assert one.neuron.threshold.tolist() == other.neuron.threshold.tolist()
        assert one.neuron.step_bias.tolist() == other.neuron.step_bias.tolist()
    assert (few.readout.neuron.offset // 2 * 11).tolist() == many.readout.neuron.offset.tolist()
    assert few.hidden[0].neuron.offset.tolist() == many.hidden[0].neuron.offset.tolist()


def test_a_readout_alone_is_the_same_in_every_method() -> None:
    trained = chained(7, (), readout([[1, -2], [3, 0]], 0.5, [0.25, -1]))
    networks_of = [convert(configured(0, method), trained, (2,))[0] for method in METHODS]
    assert [network.readout.neuron.offset.tolist() for network in networks_of] == [[4, -14]] * 2
    assert [str(network.encoder.code) for network in networks_of] == ["bits", "bits"]


def test_constants_beyond_32_bits_are_refused() -> None:
    """A gain so small that one input of all reaches the boundary, whose threshold no register holds."""
    trained = chained(7, (layer([[7]], [1e-13], [0.5 - 1e-14], 1.0, 3),), readout([[1]], 1.0, [0]))
    with pytest.raises(UserError, match=r"^integer network, layer hidden1: potential_bits is \d+; at most 32 are supported"):
        convert(configured(1, "pascal"), trained, (1,))


@settings(max_examples=80)
@given(networks(), st.integers(0, 1000))
def test_the_brevitas_network_of_the_chain_equals_the_reference(network: Network, seed: int) -> None:
    levels = input_levels(some_pixels(network, 7, seed), network.encoder)
    reference, ann = evaluate_reference(network, levels), RoundedNetwork(network).evaluate(levels)
    comparison = compare_ann(reference, ann)
    assert comparison.equal, comparison.first
    assert comparison.values == 7 * network.neurons
    assert np.array_equal(ann.classes, reference.classes)


@pytest.mark.parametrize("inputs, exact", [(518, torch.float32), (519, torch.float64)])
def test_products_are_taken_in_the_least_precision_that_holds_every_sum(inputs: int, exact: torch.dtype) -> None:
    """518·127·255 = 2^24 − 1,786: the last layer that single precision can hold, then the first that it cannot."""
    neuron = built.deferred(WireCode.COUNT, 3, built.column(5_592_405), built.column(0))
    weights = [np.full((1, inputs), 127), np.array([[1]])]
    network = built.chain(Encoder((inputs,), 8, InputCode.BITS), weights, [neuron, built.readout(built.column(0))], weight_bits=8)
    levels = np.full((3, inputs), 255)
    levels[1, 0], levels[2, :2] = 254, (0, 1)
    rounded = RoundedNetwork(network)
    assert next(rounded.charge[0].parameters()).dtype == exact
    assert compare_ann(evaluate_reference(network, levels), rounded.evaluate(levels)).equal


def test_a_changed_threshold_is_seen_and_its_layer_named() -> None:
    from dataclasses import replace

    network, _ = convert(configured(2, "pascal"), trained_numbers_of_small_network(), (4, 5))
    second = network.hidden[1]
    changed = replace(second, neuron=replace(second.neuron, threshold=second.neuron.threshold + 9))
    mutant = replace(network, layers=(network.layers[0], changed, network.layers[2]))
    levels = input_levels(small_dataset().test.images, network.encoder)
    comparison = compare_ann(evaluate_reference(network, levels), RoundedNetwork(mutant).evaluate(levels))
    assert not comparison.equal
    assert comparison.by_layer["hidden1"] == 0
    assert str(comparison.first).startswith("ann_vs_reference: image ")
    assert " layer hidden2 neuron " in str(comparison.first)


def test_a_weight_that_changed_after_training_is_seen_and_its_layer_named() -> None:
    from dataclasses import replace

    trained = trained_numbers_of_small_network()
    network, _ = convert(configured(2, "pascal"), trained, (4, 5))
    levels = input_levels(small_dataset().test.images, network.encoder)
    first = network.hidden[0]
    flipped = first.synapses[0].weights.copy()
    channel = int(evaluate_reference(network, levels).levels[first.name].std(axis=0).argmax())
    flipped[channel] = -flipped[channel]
    group = replace(first.synapses[0], weights=flipped)
    mutant = replace(network, layers=(replace(first, synapses=(group,)), *network.layers[1:]))
    for examined, equal in ((network, True), (mutant, False)):
        ann = RoundedNetwork(examined, trained_weights(trained, examined)).evaluate(levels)
        comparison = compare_ann(evaluate_reference(examined, levels), ann)
        assert comparison.equal is equal
    assert f" layer hidden1 neuron {channel}: " in str(comparison.first)


_SMALL: list[TrainedNetwork] = []


def trained_numbers_of_small_network() -> TrainedNetwork:
    """A network trained for one epoch, once for all tests."""
    import tempfile

    import torch

    if not _SMALL:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            config = small_configuration(training={"epochs": 1})
            run_train(config, "cpu", small_data(folder), folder)
            network = best_network(config, small_dataset(), read_checkpoint(folder / CHECKPOINT))
        with torch.no_grad():
            _SMALL.append(trained_numbers(network))
    return _SMALL[0]


@pytest.mark.parametrize("batch_norm", [True, False])
@pytest.mark.parametrize(
    "conversion",
    [
        {"method": "pascal"},
        {"method": "pascal", "code": ["unary", "bits"]},
        {"method": "opi"},
        {"method": "opi", "time_steps": 2},
    ],
    ids=str,
)
def test_a_trained_network_is_converted_and_proved(tmp_path: Path, batch_norm: bool, conversion: dict[str, Any]) -> None:
    config = small_configuration(network={"batch_norm": batch_norm}, conversion=conversion)
    data, train, out, golden = (tmp_path / name for name in ("data", "train", "convert", "golden"))
    small_data(data)
    run_train(config, "cpu", data, train)
    run_convert(config, data, train, out)
    figures = read_json(out / "convert.json")
    assert figures["comparison"] == {
        "frames": 36,
        "values": 36 * (9 + 7 + 3),
        "mismatches": 0,
        "by_layer": {"hidden1": 0, "hidden2": 0, "readout": 0},
        "first": None,
    }
    assert figures["accuracy"]["ann"] == figures["accuracy"]["reference"]
    # Thresholds of the first layer are above 50, those of the second, with its few narrow weights, below 10.
    assert figures["levels_equal_to_trained"]["hidden1"] > 0.99
    assert figures["levels_equal_to_trained"]["hidden2"] > 0.8
    network = load_network(out / "network.safetensors")
    assert (out / "network.txt").read_text() == network_text(network)
    assert [entry["name"] for entry in figures["layers"]] == ["hidden1", "hidden2", "readout"]
    run_golden(config, data, out, golden)
    verdict = read_json(golden / "golden.json")
    assert verdict["comparison_is_verdict"] == (conversion["method"] == "pascal")
    if verdict["comparison_is_verdict"]:
        assert verdict["comparison"]["mismatches"] == 0
        assert verdict["accuracy"] == figures["accuracy"]["reference"]
    else:
        assert network.hidden[0].neuron.mode is NeuronMode.CAUSAL
        assert set(verdict["loss_by_layer"]) == {"hidden1", "hidden2", "readout"}


def test_an_impossible_code_is_refused_at_conversion(tmp_path: Path) -> None:
    data, train = small_data(tmp_path / "data"), tmp_path / "train"
    run_train(small_configuration(training={"epochs": 1}), "cpu", data, train)
    with pytest.raises(UserError, match=r"^conversion\.code = 'bits': conversion\.method 'opi' takes 'auto' or 'train'$"):
        run_convert(small_configuration(conversion={"method": "opi", "code": "bits"}), data, train, tmp_path / "convert")
    assert not (tmp_path / "convert").exists()
