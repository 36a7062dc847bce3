"""Whole cores: everything equal to golden, and every change of a memory seen and put down to the right layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.base.errors import UserError
from model.compare import Comparison
from model.golden import simulate
from model.integer_network import Network, Neuron, WireCode, verify_network
from model.integer_network.codes import unary_steps
from rtl.generate import generate_core
from sim.checks import Group, verdict
from sim.core import read_core
from sim.expectation import longest_frame
from sim.plan import standard_runs
from sim.random_neurons import Start, draw_start
from sim.runner import compile_bench, lint
from sim.simulation import ENDS, Outcome
from tests.sim.cores import FRAMES, SmallCore, change_layer


def values(outcome: Outcome) -> Comparison:
    return verdict(outcome.checks, Group.VALUES)


def names(outcome: Outcome) -> set[str]:
    return {check.name for check in outcome.failed}


CORES = ["deferred", "signed", "causal", "multi_spike", "mixed"]


@pytest.mark.parametrize("name", CORES)
def test_every_run_of_a_core_equals_golden(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    core: SmallCore = request.getfixturevalue(name)
    outcome = core.run(core.inputs, tmp_path, standard_runs(40))
    assert [check.detail for check in outcome.failed] == []
    golden = simulate(core.network, core.pixels)
    spikes = golden.input_spikes.size + sum(trace.spikes.size for trace in golden.layers.values())
    comparison = values(outcome)
    assert comparison.frames == FRAMES
    assert comparison.values >= 4 * (spikes + golden.scores.size + FRAMES)
    assert verdict(outcome.checks, Group.COUNTERS).values == 4 * FRAMES * 15 * len(core.network.layers)
    streaming = outcome.runs["streaming"][0]
    assert streaming["classes"] == golden.classes.tolist()
    assert len(streaming["latency"]) == FRAMES
    assert len(streaming["interval"]) == FRAMES - 1


@pytest.mark.parametrize("name", CORES)
def test_a_generated_core_has_no_lint_warning(name: str, request: pytest.FixtureRequest) -> None:
    core: SmallCore = request.getfixturevalue(name)
    read = read_core(core.inputs.core, core.network)
    assert [lint(read, counters) for counters in (0, 1)] == ["", ""]


@pytest.mark.parametrize("start", [Start.ZERO, Start.ANY])
def test_initial_potentials_are_a_matter_of_a_memory_file(start: Start, causal: SmallCore, tmp_path: Path) -> None:
    generator, network = np.random.default_rng(5), causal.network
    for index, layer in enumerate(network.hidden):
        network = change_layer(network, index, offset=draw_start(generator, layer.neuron.threshold, start))
    assert not np.array_equal(simulate(network, causal.pixels).scores, simulate(causal.network, causal.pixels).scores)
    outcome = causal.run(causal.of_network(verify_network(network), tmp_path), tmp_path / "work", standard_runs(40))
    assert [check.detail for check in outcome.failed] == []


def test_the_small_cores_send_what_their_links_are_for(signed: SmallCore, multi_spike: SmallCore) -> None:
    for core in (signed, multi_spike):
        result = simulate(core.network, core.pixels)
        for layer in core.network.hidden:
            spikes, (low, high) = result.layers[layer.name].spikes, layer.neuron.wire_range
            assert spikes.max() > high // 2
            assert low == 0 or spikes.min() < 0


def test_a_frame_that_waits_for_the_last_result_has_the_least_latency(deferred: SmallCore, tmp_path: Path) -> None:
    outcome = deferred.run(deferred.inputs, tmp_path, standard_runs(40)[:2])
    spaced, streaming = (np.array(outcome.runs[name][0]["latency"]) for name in ("spaced", "streaming"))
    assert (spaced <= streaming).all()
    assert streaming[0] == spaced[0]


@pytest.mark.parametrize("name", CORES)
def test_a_packet_is_waited_for_as_long_as_its_frame_takes_alone(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    core: SmallCore = request.getfixturevalue(name)
    outcome = core.run(core.inputs, tmp_path, standard_runs(40)[:1])
    read = read_core(core.inputs.core, core.network)
    longest = max(outcome.runs["spaced"][0]["latency"])
    # What the rule does not count: beats of the frame before the first event, and the result's packet.
    assert longest <= longest_frame(simulate(core.network, core.pixels), read.plan) + read.plan.beats + read.plan.classes + 8


FIELDS = [
    ("deferred", 0, "weights"),
    ("deferred", 0, "sign of a weight"),
    ("deferred", 1, "threshold"),
    ("deferred", 2, "threshold"),
    ("deferred", 3, "offset"),
    ("signed", 0, "offset"),
    ("signed", 1, "weights"),
    ("signed", 2, "sign of a weight"),
    ("signed", 3, "weights"),
    ("causal", 0, "weights"),
    ("causal", 0, "offset"),
    ("causal", 1, "step_bias"),
    ("multi_spike", 0, "threshold"),
    ("multi_spike", 1, "negative_threshold"),
    ("multi_spike", 2, "weights"),
    ("multi_spike", 2, "offset"),
    ("mixed", 0, "weights"),
    ("mixed", 2, "threshold"),
]


@pytest.mark.parametrize("name, index, field", FIELDS)
def test_one_changed_number_is_seen_and_named(
    name: str, index: int, field: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    core: SmallCore = request.getfixturevalue(name)
    changed = first_visible_change(core, index, field)
    outcome = core.run(core.with_core_of(changed, tmp_path), tmp_path / "work")
    comparison = values(outcome)
    assert comparison.mismatches > 0
    assert comparison.first is not None
    assert comparison.first.layer == core.network.layers[index].name
    earlier = [layer.name for layer in core.network.layers[:index]]
    assert all(comparison.by_layer[layer] == 0 for layer in ["input", *earlier])


def first_visible_change(core: SmallCore, index: int, field: str) -> Network:
    """One number changed a little, such that golden spikes (or scores) of that layer change."""
    before = simulate(core.network, core.pixels)
    name = core.network.layers[index].name
    for changed in _changes(core.network, index, field):
        after = simulate(changed, core.pixels).layers[name]
        fires = before.layers[name].spikes.size > 0
        pair = (before.layers[name].spikes, after.spikes) if fires else (before.layers[name].potentials, after.potentials)
        if np.any(pair[0] != pair[1]):
            return changed
    raise AssertionError(f"no visible change of {field} in layer {name}")


def _changes(network: Network, index: int, field: str) -> Iterator[Network]:
    layer = network.layers[index]
    group = layer.synapses[0]
    steps: Sequence[int] = (-1, 1, -8, 8, -32, 32)
    if field == "sign of a weight":
        # The highest bit of a weight, whose other bits stay; that of 0 would leave the narrow range.
        field, steps = "weights", (group.largest_weight + 1, -group.largest_weight - 1)
    array = group.weights if field == "weights" else getattr(layer.neuron, field)
    for place in np.ndindex(array.shape):
        for step in steps:
            changed = array.copy()
            changed[place] += step
            with suppress(UserError):
                yield verify_network(change_layer(network, index, **{field: changed}))


def test_one_changed_memory_word_is_seen_and_named(deferred: SmallCore, tmp_path: Path) -> None:
    inputs = deferred.with_copied_core(tmp_path)
    memory = inputs.core / "memory" / "hidden2_weights.mem"
    words = memory.read_text().split()
    busiest = int(simulate(deferred.network, deferred.pixels).layers["hidden1"].spikes.sum(axis=(0, 1)).argmax())
    # One group, so that a word holds the weights of a channel; the last hexadecimal digit those of the first neurons.
    words[busiest] = f"{int(words[busiest], 16) ^ 0xF:0{len(words[busiest])}x}"
    memory.write_text("\n".join(words) + "\n")
    comparison = values(deferred.run(inputs, tmp_path / "work"))
    assert comparison.mismatches > 0
    assert comparison.first is not None
    assert comparison.first.layer == "hidden2"
    assert comparison.by_layer["hidden1"] == 0


@pytest.mark.parametrize("name, index", [("deferred", 2), ("signed", 1), ("multi_spike", 0)])
def test_another_multiple_of_the_threshold_is_seen_and_named(
    name: str, index: int, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core: SmallCore = request.getfixturevalue(name)
    neuron = core.network.layers[index].neuron
    first, *others = neuron.fire_multiples
    wrong = {id(layer.neuron): layer.neuron.fire_multiples for layer in core.network.layers}
    wrong[id(neuron)] = (first - 1, *others)
    monkeypatch.setattr(Neuron, "fire_multiples", property(lambda self: wrong[id(self)]))
    inputs = core.with_core_of(core.network, tmp_path)
    monkeypatch.undo()
    comparison = values(core.run(inputs, tmp_path / "work"))
    assert comparison.first is not None
    assert comparison.first.layer == core.network.layers[index].name
    assert all(comparison.by_layer[layer.name] == 0 for layer in core.network.layers[:index])


def test_another_lowest_level_is_seen_and_named(signed: SmallCore, tmp_path: Path) -> None:
    hidden = signed.network.layers[2]
    layers = list(signed.network.layers)
    layers[2] = replace(hidden, neuron=replace(hidden.neuron, lowest=hidden.neuron.lowest + 1))
    comparison = values(recompiled(signed, replace(signed.network, layers=tuple(layers)), tmp_path))
    assert comparison.first is not None
    assert comparison.first.layer == "hidden3"
    assert comparison.by_layer["hidden2"] == 0


def test_another_wire_code_is_seen_and_named(deferred: SmallCore, tmp_path: Path) -> None:
    hidden = deferred.network.layers[0]
    levels = hidden.neuron.levels
    unary = replace(hidden.neuron, code=WireCode.UNARY, time_steps=unary_steps(levels))
    layers = (replace(hidden, neuron=unary), *deferred.network.layers[1:])
    comparison = values(recompiled(deferred, replace(deferred.network, layers=layers), tmp_path))
    assert comparison.first is not None
    assert comparison.first.layer.startswith("hidden1")
    assert comparison.by_layer["input"] == 0


def test_a_membrane_potential_that_is_too_narrow_is_seen_and_named(deferred: SmallCore, tmp_path: Path) -> None:
    hidden = deferred.network.layers[0]
    narrow = replace(hidden.neuron, potential_bits=hidden.neuron.potential_bits - 2)
    layers = (replace(hidden, neuron=narrow), *deferred.network.layers[1:])
    comparison = values(recompiled(deferred, replace(deferred.network, layers=layers), tmp_path))
    assert comparison.first is not None
    assert comparison.first.layer == "hidden1"
    assert comparison.by_layer["input"] == 0


def recompiled(core: SmallCore, network: Network, folder: Path) -> Outcome:
    """The golden result of a core against the core of a changed network."""
    generate_core(network, list(core.lanes), folder / "rtl")
    inputs = replace(core.inputs, core=folder / "rtl")
    compile_bench(read_core(inputs.core, core.network), folder / "compiled", quick=True)
    return replace(core, folder=folder).run(inputs, folder / "work")


def test_a_memory_file_that_does_not_load_is_an_error(deferred: SmallCore, tmp_path: Path) -> None:
    inputs = deferred.with_copied_core(tmp_path)
    missing = inputs.core / "memory" / "hidden1_weights.mem"
    description = inputs.core / "rtl.json"
    description.write_text(description.read_text().replace('"memory/hidden1_weights.mem",', ""))
    missing.unlink()
    outcome = deferred.run(inputs, tmp_path / "work")
    assert ENDS in names(outcome)
    detail = next(check.detail for check in outcome.failed if check.name == ENDS)
    assert "the simulator complained" in detail
    assert "hidden1_weights.mem" in detail


def test_no_frames_are_no_proof(deferred: SmallCore, tmp_path: Path) -> None:
    outcome = deferred.run(replace(deferred.inputs, pixels=deferred.pixels[:0]), tmp_path)
    assert not values(outcome).equal
    assert [check.detail for check in outcome.failed] == ["there are no frames, so nothing is proved"]


def test_golden_of_other_images_does_not_pass(deferred: SmallCore, tmp_path: Path) -> None:
    outcome = deferred.run(replace(deferred.inputs, pixels=deferred.pixels[::-1].copy()), tmp_path)
    first = values(outcome).first
    assert first is not None
    assert (first.layer, first.image) == ("input", 0)
