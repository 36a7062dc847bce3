"""The comparison can fail: one thing changed in the generated project, and the verdict names the layer it was changed in."""

import re
from collections.abc import Callable

import pytest

from hls.chain import chains_of
from hls.memory_layout import LaneLayout
from hls.parallelism import resolve_parallelism
from hls.project import HlsProject, Target, write_project
from hls.simulate import CompiledProject, compare_with_golden, compile_project
from model.compare import Comparison
from model.golden import simulate
from model.integer_network import InputCode, WireCode
from tests.hls.conftest import edit_pattern
from tests.hls.networks import Shape, random_network, random_pixels

DEFERRED = random_network(Shape((11, 7, 3), InputCode.BITS, 2, (5,), (WireCode.BITS,)), seed=1)
DEEP = random_network(Shape((11, 7, 5, 3), InputCode.BITS, 2, (3, 5), (WireCode.BITS, WireCode.UNARY)), seed=1)
CAUSAL = random_network(Shape((9, 7, 3), InputCode.DIRECT, 3, (3,), time_steps=4), seed=2)
SIGNED = random_network(
    Shape((11, 7, 6, 5, 3), InputCode.BITS, 2, (4, 3, 5), (WireCode.COUNT, WireCode.BITS, WireCode.UNARY), lowest=(-3, -2, -5)),
    seed=3,
)
MULTI = random_network(
    Shape((9, 7, 6, 3), InputCode.DIRECT, 3, (6, 4), time_steps=3, spikes=((-3, 6), (0, 2)), leaky=(False, False)), seed=4
)
LEAKY = random_network(
    Shape((9, 7, 6, 3), InputCode.DIRECT, 3, (2, 4), time_steps=4, spikes=((-1, 1), (-1, 1)), leaky=(True, True)), seed=5
)

FRAMES = 150
LANES = 3


Mutation = Callable[[HlsProject, int], None]

SEVERAL = {"weight": "n_sources", "multiple": "n_passes"}
"""Memories with several words a neuron, and how many."""


def memory(layer: str, name: str, neuron: int, change: Callable[[int], int], channel: int = 0) -> Mutation:
    """Change one word of a memory file of chain ``index``: a constant of a neuron, or one of several.

    ``channel``: the source channel of a weight, the pass of a multiple.
    """

    def mutate(project: HlsProject, index: int) -> None:
        node = project.graph.graph[project.chains[index].node(layer)]
        layout = LaneLayout(node.get_attr("n_neurons"), node.get_attr("n_lanes"))
        group, lane = divmod(neuron, layout.lanes)
        sources = node.get_attr(SEVERAL[name]) if name in SEVERAL else 1
        position = (lane * sources + channel) * layout.groups + group
        path = project.firmware / "weights" / f"{node.get_weights(name).name}.txt"
        words = path.read_text(encoding="utf-8").split(", ")
        words[position] = str(change(int(words[position])))
        path.write_text(", ".join(words), encoding="utf-8")

    return mutate


def parameter(layer: str, name: str, value: str) -> Mutation:
    """Change one constant of a layer's structure."""

    def mutate(project: HlsProject, index: int) -> None:
        node = project.chains[index].node(layer)
        edit_pattern(project.firmware / "parameters.h", rf"(// {node}\n[^}}]*\b{name} = )[^;]*;", rf"\g<1>{value};")

    return mutate


def width(layer: str, bits: int) -> Mutation:
    """Store the potentials of a layer in fewer bits than were proved."""

    def mutate(project: HlsProject, index: int) -> None:
        potential = project.graph.graph[project.chains[index].node(layer)].get_attr("potential_t").name
        edit_pattern(project.firmware / "defines.h", rf"typedef ap_int<\d+> {potential};", f"typedef ap_int<{bits}> {potential};")

    return mutate


def nothing(project: HlsProject, index: int) -> None:
    """Change nothing."""


MUTATIONS = {
    "weight": (DEFERRED, memory("hidden1", "weight", 4, lambda word: 7 if word <= 0 else -7, channel=6), "hidden1"),
    "threshold": (DEEP, memory("hidden2", "threshold", 1, lambda word: word + 1), "hidden2"),
    "offset": (DEFERRED, memory("hidden1", "offset", 2, lambda word: word - 1), "hidden1"),
    "ceiling": (DEFERRED, memory("hidden1", "ceiling", 2, lambda word: word // 3), "hidden1"),
    "readout_weight": (DEFERRED, memory("readout", "weight", 1, lambda word: word - 1, channel=2), "readout"),
    "readout_offset": (DEFERRED, memory("readout", "offset", 2, lambda word: word + 1), "readout"),
    "initial_potential": (CAUSAL, memory("hidden1", "offset", 3, lambda word: word + 1), "hidden1"),
    "causal_threshold": (CAUSAL, memory("hidden1", "threshold", 5, lambda word: word - 1), "hidden1"),
    "step_bias": (CAUSAL, memory("hidden1", "step_bias", 1, lambda word: word + 1), "hidden1"),
    "wire_code_of_sender": (DEFERRED, parameter("hidden1", "code", "isospike::unary_code"), "hidden1"),
    "wire_code_of_receiver": (DEEP, parameter("hidden2", "source_is_bits", "false"), "hidden2"),
    "width": (DEFERRED, width("readout", 4), "readout"),
    "signed_weight": (SIGNED, memory("hidden2", "weight", 4, lambda word: 7 if word <= 0 else -7, channel=5), "hidden2"),
    "multiple": (SIGNED, memory("hidden1", "multiple", 2, lambda word: word + 1), "hidden1"),
    "last_multiple": (SIGNED, memory("hidden3", "multiple", 3, lambda word: word - 1, channel=3), "hidden3"),
    "signed_offset": (SIGNED, memory("hidden2", "offset", 1, lambda word: word - 1), "hidden2"),
    "lowest_level": (SIGNED, parameter("hidden1", "lowest", "-2"), "hidden1"),
    "level_range": (SIGNED, parameter("hidden3", "level_range", "9"), "hidden3"),
    "passes": (SIGNED, parameter("hidden1", "n_passes", "2"), "hidden1"),
    "signed_code_of_sender": (SIGNED, parameter("hidden2", "code", "isospike::unary_code"), "hidden2"),
    "sign_of_receiver": (SIGNED, parameter("hidden3", "source_is_signed", "false"), "hidden3"),
    "signed_width": (SIGNED, width("hidden2", 5), "hidden2"),
    "multi_spike_multiple": (MULTI, memory("hidden1", "multiple", 5, lambda word: word + 2, channel=1), "hidden1"),
    "multi_spike_lowest": (MULTI, parameter("hidden1", "lowest", "-4"), "hidden1"),
    "magnitude_of_receiver": (MULTI, parameter("hidden2", "n_magnitude_bits", "2"), "hidden2"),
    "magnitude_of_readout": (MULTI, parameter("readout", "n_magnitude_bits", "1"), "readout"),
    "multi_spike_bias": (MULTI, memory("hidden2", "step_bias", 3, lambda word: word + 1), "hidden2"),
    "initial_potential_of_one": (MULTI, memory("hidden1", "offset", 4, lambda word: word - 1), "hidden1"),
    "leaky_threshold": (LEAKY, memory("hidden2", "threshold", 0, lambda word: word + 1), "hidden2"),
    "negative_threshold": (LEAKY, memory("hidden1", "negative_threshold", 2, lambda word: word + 1), "hidden1"),
    "leaky_weight": (LEAKY, memory("hidden2", "weight", 3, lambda word: 7 if word <= 0 else -7, channel=1), "hidden2"),
}
CONTROLS = {
    f"untouched_{name}": (network, nothing)
    for name, network in {
        "deferred": DEFERRED, "deep": DEEP, "causal": CAUSAL, "signed": SIGNED, "multi": MULTI, "leaky": LEAKY,
    }.items()
}  # fmt: skip


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Comparison]:
    """All mutants side by side in one project, one mutation each."""
    cases = [(network, mutate) for network, mutate, _ in MUTATIONS.values()] + list(CONTROLS.values())
    networks = [network for network, _ in cases]
    lanes = [resolve_parallelism(LANES, network) for network in networks]
    folder = tmp_path_factory.mktemp("mutants") / "project"
    project = write_project(chains_of(networks, lanes), Target("xc7a100tcsg324-1", 10.0), folder)
    for index, (_, mutate) in enumerate(cases):
        mutate(project, index)
    pixels = [random_pixels(network, FRAMES, seed=3) for network in networks]
    results = CompiledProject(project, compile_project(project, quick=True)).run(pixels)
    comparisons = [
        compare_with_golden(network, simulate(network, images), result)
        for network, images, result in zip(networks, pixels, results, strict=True)
    ]
    return dict(zip([*MUTATIONS, *CONTROLS], comparisons, strict=True))


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_seen_and_its_layer_named(name: str, verdicts: dict[str, Comparison]) -> None:
    layer = MUTATIONS[name][2]
    comparison = verdicts[name]
    assert not comparison.equal
    assert comparison.mismatches > 0
    assert comparison.first is not None
    assert comparison.first.layer == layer
    assert comparison.by_layer[layer] > 0
    pattern = rf"hls_vs_golden: image \d+ layer {layer}( time step \d+)? neuron \d+: expected (-?\d+), got (-?\d+)"
    named = re.fullmatch(pattern, str(comparison.first))
    assert named is not None
    assert named[2] != named[3]


@pytest.mark.parametrize("name", CONTROLS)
def test_without_a_mutation_they_are_equal(name: str, verdicts: dict[str, Comparison]) -> None:
    assert verdicts[name].equal
