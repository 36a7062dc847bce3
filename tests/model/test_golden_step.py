"""The golden step: verdict or measured loss, the file of spikes, and the dump of chosen images."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.base.errors import UserError
from model.base.files import read_json
from model.config import Configuration
from model.data import Dataset, Part, save_dataset
from model.golden import NetworkCounts, count_operations, input_levels, load_golden, save_golden, simulate
from model.golden.dump import dump_images, parse_images
from model.golden.step import compare_golden, loss_by_layer, run_golden
from model.integer_network import Encoder, InputCode, Network, NeuronMode, WireCode, save_network
from model.reference import ReferenceResult, evaluate_reference
from sim.random_maps import random_map_case
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


def two_causal_layers() -> Network:
    """A silent input; the biases of hidden1 alone make it fire, always and once; hidden2 gets +2 and −2 from its channels."""
    first = causal(4, 4, column(4, 8), column(3, 3), column(4, 2))
    second = causal(4, 4, column(4), column(2), column(0))
    weights = [np.zeros((2, 1), dtype=np.int64), np.array([[2, -2]]), np.array([[1], [-1]])]
    return chain(Encoder((1,), 1, InputCode.DIRECT), weights, [first, second, readout(column(4, 0))])


def test_the_loss_of_a_causal_network_is_measured_by_hand() -> None:
    """hidden1 channel 1: potentials 5, 7, 9 (fires), 3; hidden2: charges 2, 2, 0, 2 on V0 = 2, potentials 4, 2, 2, 4."""
    network = two_causal_layers()
    pixels = np.zeros((1, 1), dtype=np.uint8)
    result = simulate(network, pixels)
    assert result.layers["hidden1"].spikes[:, 0].tolist() == [[1, 0], [1, 0], [1, 1], [1, 0]]
    assert result.layers["hidden2"].spikes[:, 0, 0].tolist() == [1, 0, 0, 1]
    reference = evaluate_reference(network, input_levels(pixels, network.encoder))
    assert reference.levels["hidden1"].tolist() == [[4, 1]]
    assert reference.levels["hidden2"].tolist() == [[2]]  # (4·(8 − 2) + 4·2) // (4·4)
    assert compare_golden(network, reference, result).equal
    assert loss_by_layer(network, reference, result)["hidden2"]["mean_magnitude"] == 0


def test_a_neuron_that_fires_too_early_is_a_loss_and_no_failure() -> None:
    """Charges +2 then −2 on V0 = 2 and Θ = 4 give one spike, the ANN's level is 0: the smallest example of the survey."""
    first = causal(2, 2, column(2, 4), column(1, 2), column(1, 1))
    second = causal(2, 2, column(4), column(2), column(0))
    weights = [np.zeros((2, 1), dtype=np.int64), np.array([[2, -2]]), np.array([[1]])]
    network = chain(Encoder((1,), 1, InputCode.DIRECT), weights, [first, second, readout(column(0))])
    pixels = np.zeros((1, 1), dtype=np.uint8)
    result = simulate(network, pixels)
    assert result.layers["hidden1"].spikes[:, 0].tolist() == [[1, 0], [0, 1]]
    assert result.layers["hidden2"].spikes[:, 0, 0].tolist() == [1, 0]
    reference = evaluate_reference(network, input_levels(pixels, network.encoder))
    assert reference.levels["hidden1"].tolist() == [[1, 1]]
    assert reference.levels["hidden2"].tolist() == [[0]]
    loss = loss_by_layer(network, reference, result)
    assert loss["hidden1"] == {"share_of_different_values": 0.0, "mean_difference": 0.0, "mean_magnitude": 0.0}
    assert loss["hidden2"] == {"share_of_different_values": 1.0, "mean_difference": 0.5, "mean_magnitude": 0.5}
    comparison = compare_golden(network, reference, result)
    assert comparison.by_layer == {"hidden1": 0, "hidden2": 1, "readout": 1}


@settings(max_examples=40)
@given(networks(NeuronMode.CAUSAL), st.integers(0, 1000))
def test_the_loss_is_zero_exactly_where_nothing_differs(network: Network, seed: int) -> None:
    pixels = some_pixels(network, 5, seed)
    reference = evaluate_reference(network, input_levels(pixels, network.encoder))
    result = simulate(network, pixels)
    comparison = compare_golden(network, reference, result)
    for name, loss in loss_by_layer(network, reference, result).items() if network.hidden else ():
        size = 5 * network.layer(name).neuron.neurons
        assert loss["share_of_different_values"] == comparison.by_layer[name] / size
        assert (loss["mean_magnitude"] == 0) == (comparison.by_layer[name] == 0)
        assert abs(loss["mean_difference"]) <= loss["mean_magnitude"]


def test_a_flipped_weight_is_seen_and_its_layer_named() -> None:
    network = tiny_network()
    pixels = some_pixels(network, 9, 1)
    reference = evaluate_reference(network, input_levels(pixels, network.encoder))
    last = network.readout
    weights = last.synapses[0].weights.copy()
    weights[1, 0] += 1
    changed = replace(last, synapses=(replace(last.synapses[0], weights=weights),))
    comparison = compare_golden(network, reference, simulate(replace(network, layers=(network.layers[0], changed)), pixels))
    assert comparison.by_layer["hidden1"] == 0
    assert str(comparison.first).startswith("reference_vs_golden: image ")
    assert " layer readout neuron 1: expected " in str(comparison.first)


def run(network: Network, pixels: np.ndarray, folder: Path, simulated: int | str = "all", hls: int | str = "all") -> Path:
    """The golden step on a network and images that are made up."""
    labels = np.zeros(len(pixels), dtype=np.uint8)
    part = Part(pixels.reshape(len(pixels), *network.encoder.shape), labels)
    save_dataset(Dataset(part, part, part, 2), folder / "data" / "dataset.npz")
    save_network(network, folder / "convert" / "network.safetensors")
    config = Configuration.model_validate({"name": "test", "simulation": {"frames": simulated}, "hls": {"frames": hls}})
    run_golden(config, folder / "data", folder / "convert", folder / "golden")
    return folder / "golden"


@pytest.mark.parametrize("make", [tiny_network, tiny_causal_network])
def test_the_step_writes_every_spike_and_its_figures(tmp_path: Path, make: object) -> None:
    network = tiny_network() if make is tiny_network else tiny_causal_network()
    pixels = some_pixels(network, 6, 2)
    folder = run(network, pixels, tmp_path)
    figures = read_json(folder / "golden.json")
    again, result = load_golden(folder / "golden.npz"), simulate(network, pixels)
    assert np.array_equal(again.input_spikes, result.input_spikes)
    for name, trace in result.layers.items():
        assert np.array_equal(again.layers[name].spikes, trace.spikes)
        assert np.array_equal(again.layers[name].potentials, trace.potentials)
    assert figures["accuracy"] == float((result.classes == 0).mean())
    assert figures["comparison_is_verdict"] == (make is tiny_network)
    assert ("loss_by_layer" in figures) == (make is tiny_causal_network)
    assert figures["counts"]["frames"] == 6
    assert figures["comparison"]["values"] == 6 * network.neurons
    if make is tiny_network:
        assert figures["comparison"]["mismatches"] == 0


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("simulated, hls, kept", [(3, 5, 5), (4, 1, 4), (2, "all", 11), (100, 1, 11)])
def test_figures_are_of_all_images_and_spikes_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, simulated: int, hls: int | str, kept: int
) -> None:
    case = random_map_case(seed, frames=11)
    whole = read_json(run(case.network, case.pixels, tmp_path / "whole") / "golden.json")
    monkeypatch.setattr("model.golden.step._VALUES_AT_ONCE", 3 * (case.network.encoder.neurons + case.network.neurons))
    folder = run(case.network, case.pixels, tmp_path / "part", simulated, hls)
    figures, stored = read_json(folder / "golden.json"), load_golden(folder / "golden.npz")
    assert (whole.pop("spike_frames"), figures.pop("spike_frames"), stored.frames) == (11, kept, kept)
    assert whole.pop("simulated_counts") == whole["counts"]
    expected = simulate(case.network, case.pixels)
    counts = count_operations(case.network, expected.select(slice(0, min(simulated, 11))))
    assert NetworkCounts.from_dict(figures.pop("simulated_counts")) == counts
    for name, loss in figures.pop("loss_by_layer", {}).items():
        assert loss == pytest.approx(whole["loss_by_layer"][name])
    whole.pop("loss_by_layer", None)
    right = expected.classes == 0
    compiled = 11 if hls == "all" else int(hls)
    assert figures.pop("accuracy_of_frames") == {"hls": right[:compiled].mean(), "simulation": right[:simulated].mean()}
    assert whole.pop("accuracy_of_frames") == {"hls": right.mean(), "simulation": right.mean()}
    assert figures == whole
    assert np.array_equal(stored.scores, expected.scores[:kept])


def test_an_image_behind_those_of_the_spikes_is_compared_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = tiny_network()
    pixels = some_pixels(network, 9, 2)

    def wrong(network: Network, levels: np.ndarray) -> ReferenceResult:
        result = evaluate_reference(network, levels)
        result.scores[-1, 0] += 1
        return result

    monkeypatch.setattr("model.golden.step.evaluate_reference", wrong)
    comparison = read_json(run(network, pixels, tmp_path, 2, 2) / "golden.json")["comparison"]
    assert (comparison["frames"], comparison["values"], comparison["mismatches"]) == (9, 9 * network.neurons, 2)
    assert comparison["first"].startswith("reference_vs_golden: image 1 layer readout neuron 0: expected ")


@settings(max_examples=30)
@given(networks(), st.integers(0, 1000))
def test_a_golden_result_survives_its_file(tmp_path_factory: pytest.TempPathFactory, network: Network, seed: int) -> None:
    path = tmp_path_factory.mktemp("golden") / "golden.npz"
    result = simulate(network, some_pixels(network, 5, seed))
    save_golden(result, path)
    again = load_golden(path)
    assert list(again.layers) == list(result.layers)
    assert np.array_equal(again.input_spikes, result.input_spikes)
    assert np.array_equal(again.scores, result.scores)
    for name, trace in result.layers.items():
        assert np.array_equal(again.layers[name].spikes, trace.spikes)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 damaged"])
def test_a_damaged_golden_result_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "golden.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r": no readable golden result \(.*\); run the golden step again$"):
        load_golden(path)


@pytest.mark.parametrize(
    "text, indices",
    [("0", [0]), ("0-3", [0, 1, 2, 3]), ("7,2-4", [7, 2, 3, 4]), (" 1 , 9 ", [1, 9]), ("5-5", [5])],
)
def test_images_are_chosen_by_numbers_and_ranges(text: str, indices: list[int]) -> None:
    assert parse_images(text, 10) == indices


@pytest.mark.parametrize(
    "text, message",
    [
        ("0-10", "--images 0-10: there is no image 10; legal are 0 to 9"),
        ("4-2", "--images 4-2: the range 4-2 runs backwards; write 2-4"),
        ("", "--images : '' is no index and no range; write 5, 0-9 or 3,20-29"),
        ("1,x", "--images 1,x: 'x' is no index and no range; write 5, 0-9 or 3,20-29"),
        ("-1", "--images -1: '-1' is no index and no range; write 5, 0-9 or 3,20-29"),
        ("0-99999999999999999999", "--images 0-99999999999999999999: there is no image 99999999999999999999; legal are 0 to 9"),
    ],
)
def test_images_that_do_not_exist_are_refused(text: str, message: str) -> None:
    with pytest.raises(UserError) as error:
        parse_images(text, 10)
    assert str(error.value) == message


def test_the_dump_of_a_deferred_network_on_paper(tmp_path: Path) -> None:
    """Levels 3 and 1: planes (1, 0) and (1, 1). hidden1: 1 then 2·1 + 0 = 2, and 2 then 2·2 + 2 = 6."""
    path = tmp_path / "dump.json"
    dump_images(tiny_network(), np.array([[0, 0], [192, 64]], dtype=np.uint8), [1], path)
    (image,) = json.loads(path.read_text())["images"]
    assert (image["image"], image["class"], image["scores"]) == (1, 1, [1, 4])
    assert image["input_spikes"] == [[0], [0, 1]]
    assert image["layers"]["hidden1"] == {
        "spikes": [[0, 1], [], []],
        "potentials": [[1, 2], [2, 6]],
        "potentials_before_firing": [3, 5],
        "potentials_while_firing": [[1, 2], [1, 2], [1, 2]],
    }
    assert image["layers"]["readout"] == {
        "spikes": [],
        "potentials": [[1, -1], [1, -1], [1, -1]],
        "potentials_before_firing": [1, 4],
    }
    assert image["counts"]["hidden1"]["input_spikes"] == 3


def test_the_dump_of_a_causal_network_on_paper(tmp_path: Path) -> None:
    """The constant charge of 2 and bias of 1 on V0 = 2: 5 fires, 4 fires, 3, 6 fires."""
    path = tmp_path / "dump.json"
    dump_images(tiny_causal_network(), np.array([[192, 64]], dtype=np.uint8), [0], path)
    (image,) = json.loads(path.read_text())["images"]
    assert image["layers"]["hidden1"] == {"spikes": [[0], [0], [], [0]], "potentials": [[1], [0], [3], [2]]}
    assert image["scores"] == [11]


def test_held_levels_show_in_the_potentials_of_the_dump(tmp_path: Path) -> None:
    """Charge 255 with threshold 10 and 5 levels is held at 59, then 40, 20 and 10 come off where they fit."""
    network = chain(
        Encoder((1,), 8, InputCode.BITS),
        [np.array([[1]]), np.array([[1]])],
        [deferred(WireCode.BITS, 5, column(10), column(0)), readout(column(0))],
    )
    path = tmp_path / "dump.json"
    dump_images(network, np.array([[255]], dtype=np.uint8), [0], path)
    (image,) = json.loads(path.read_text())["images"]
    assert image["layers"]["hidden1"]["potentials_before_firing"] == [255]
    assert image["layers"]["hidden1"]["potentials_while_firing"] == [[19], [19], [9]]
    assert image["scores"] == [5]


def test_counts_of_a_dump_are_those_of_its_images(tmp_path: Path) -> None:
    network, path = tiny_network(), tmp_path / "dump.json"
    dump_images(network, some_pixels(network, 8, 5), [1, 6, 3], path)
    dump = json.loads(path.read_text())
    assert [image["image"] for image in dump["images"]] == [1, 6, 3]
    for layer, counts in dump["counts"]["layers"].items():
        for field, total in counts.items():
            assert total == sum(image["counts"][layer][field] for image in dump["images"])


@pytest.mark.parametrize(
    "indices, message",
    [
        ([], "--images: no image is chosen; write for example 0-9"),
        ([3], "--images: there is no image 3; legal are 0 to 2"),
        ([-1], "--images: there is no image -1; legal are 0 to 2"),
        ([0] * 1001, "--images: 1001 images are chosen; at most 1000 can be dumped at once"),
    ],
)
def test_a_dump_of_no_image_or_too_many_is_refused(tmp_path: Path, indices: list[int], message: str) -> None:
    with pytest.raises(UserError) as error:
        dump_images(tiny_network(), np.zeros((3, 2), dtype=np.uint8), indices, tmp_path / "dump.json")
    assert str(error.value) == message
    assert not (tmp_path / "dump.json").exists()
