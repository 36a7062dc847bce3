"""The comparison can fail in maps as well: one word or constant changed, and the verdict names the layer it was changed in."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hls.chain import chains_of
from hls.parallelism import resolve_parallelism
from hls.project import HlsProject, write_project
from hls.regression import ANY_TARGET
from hls.simulate import CompiledProject, compare_with_golden, compile_project
from model.compare import Comparison
from model.golden import simulate
from model.integer_network import Network
from tests.hls.conftest import edit_pattern
from tests.hls.map_networks import causal_network, leaky_network, residual_network
from tests.hls.networks import random_pixels

BASES = {"residual": residual_network(), "causal": causal_network(), "leaky": leaky_network()}
FRAMES = 60
LANES = 2


@dataclass(frozen=True)
class Constant:
    """One constant of a structure: of a layer's population, or of its first or second synapses."""

    base: str
    layer: str
    part: str
    name: str
    value: str


# None of them makes a kernel read or write beside an array.
CONSTANTS = {
    "rows_of_the_window": Constant("residual", "hidden1", "first", "n_row_taps", "2"),
    "windows_over_a_column": Constant("residual", "hidden1", "first", "n_reach_columns", "2"),
    "last_row_of_windows": Constant("residual", "hidden2", "second", "n_output_rows", "4"),
    "channels_of_a_group": Constant("residual", "hidden2", "first", "group_inputs", "4"),
    "passes_of_a_group": Constant("residual", "hidden2", "first", "group_passes", "0"),
    "weights_of_a_channel": Constant("residual", "hidden2", "second", "channel_weights", "0"),
    "alignment_of_planes": Constant("residual", "hidden2", "", "n_planes", "2"),
    "columns_of_max_pooling": Constant("residual", "hidden2", "", "n_window_columns", "2"),
    "stride_of_max_pooling": Constant("residual", "hidden2", "", "window_column_stride", "3"),
    "lowest_level": Constant("residual", "hidden2", "", "lowest", "-1"),
    "code": Constant("residual", "hidden2", "", "code", "isospike::unary_code"),
    "magnitude_of_receiver": Constant("residual", "readout", "first", "n_magnitude_bits", "2"),
    "first_place_in_the_window": Constant("causal", "hidden1", "first", "first_row_weight", "0"),
    "columns_that_are_added": Constant("causal", "hidden2", "second", "column_pooling", "1"),
    "starts_of_neurons": Constant("causal", "hidden1", "", "n_starts", "4"),
    "remainder_of_average_pooling": Constant("leaky", "readout", "first", "n_input_columns", "1"),
}

Change = Callable[[int], int]


@dataclass(frozen=True)
class Word:
    """One word of a memory."""

    base: str
    layer: str
    memory: str
    position: int
    change: Change


def flipped(word: int) -> int:
    return -word if word else 3


def larger(word: int) -> int:
    return word + 3


# Two lanes, so four channels and three have two passes; the last lane of three channels has nothing to do.
WORDS = {
    "weight": Word("residual", "hidden1", "weight", 5, flipped),
    "weight_of_a_group": Word("residual", "hidden2", "weight", 9, flipped),
    "weight_of_the_second_source": Word("residual", "hidden2", "second_weight", 6, flipped),
    "multiple": Word("residual", "hidden2", "multiple", 3, larger),
    "offset": Word("residual", "hidden1", "offset", 2, larger),
    "weight_of_the_readout": Word("residual", "readout", "weight", 5, flipped),
    "initial_potential_of_a_neuron": Word("causal", "hidden1", "offset", 4 * 5 + 1, larger),
    "causal_multiple": Word("causal", "hidden2", "multiple", 2, larger),
    "step_bias": Word("causal", "hidden2", "step_bias", 1, larger),
    "depthwise_weight": Word("causal", "hidden2", "weight", 2 * 4, flipped),
    "threshold": Word("leaky", "hidden1", "threshold", 1, larger),
    "negative_threshold": Word("leaky", "hidden1", "negative_threshold", 2, larger),
    "readout_of_two": Word("leaky", "readout", "second_weight", 5, flipped),
}


@dataclass(frozen=True)
class Compiled:
    """All networks side by side: untouched, then one for each changed constant, and one with a spike lost in a fork."""

    project: HlsProject
    library: Path
    networks: list[Network]
    verdicts: dict[str, Comparison]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    names = [*BASES, *CONSTANTS, "fork"]
    networks = [*BASES.values(), *(BASES[mutation.base] for mutation in CONSTANTS.values()), BASES["residual"]]
    lanes = [resolve_parallelism(LANES, network) for network in networks]
    project = write_project(chains_of(networks, lanes), ANY_TARGET, tmp_path_factory.mktemp("mutants") / "project")
    for index, mutation in enumerate(CONSTANTS.values(), start=len(BASES)):
        change_constant(project, index, mutation)
    lose_a_spike(project, len(networks) - 1)
    library = compile_project(project, quick=True)
    return Compiled(project, library, networks, dict(zip(names, verdicts_of(project, library, networks), strict=True)))


def change_constant(project: HlsProject, index: int, mutation: Constant) -> None:
    number = project.graph.graph[project.chains[index].node(mutation.layer)].index
    structure = f"synapses{number}_{mutation.part}" if mutation.part else f"config{number}"
    pattern = rf"(struct {structure} [^}}]*\b{mutation.name} = )[^;]*;"
    edit_pattern(project.firmware / "parameters.h", pattern, rf"\g<1>{mutation.value};")


def lose_a_spike(project: HlsProject, index: int) -> None:
    """Change a spike in the copy of the input that the second layer reads."""
    node = project.chains[index].fork("input", 0)
    call = rf"(isospike::fork_spikes<[^;]*, (\w+)\);) // {node}"
    edit_pattern(project.firmware / "isospike_hls.cpp", call, r"\g<1> \g<2>[7] = \g<2>[7] == 0;")


def verdicts_of(project: HlsProject, library: Path, networks: list[Network]) -> list[Comparison]:
    pixels = [random_pixels(network, FRAMES, seed=3) for network in networks]
    results = CompiledProject(project, library).run(pixels)
    return [
        compare_with_golden(network, simulate(network, images), result)
        for network, images, result in zip(networks, pixels, results, strict=True)
    ]


def named_layer(comparison: Comparison) -> str:
    assert not comparison.equal
    assert comparison.mismatches > 0
    assert comparison.first is not None
    assert comparison.by_layer[comparison.first.layer] > 0
    return comparison.first.layer


@pytest.mark.parametrize("name", BASES)
def test_without_a_mutation_they_are_equal(name: str, compiled: Compiled) -> None:
    assert compiled.verdicts[name].equal


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_changed_constant_is_seen_and_its_layer_named(name: str, compiled: Compiled) -> None:
    assert named_layer(compiled.verdicts[name]) == CONSTANTS[name].layer


def test_a_spike_lost_in_a_fork_is_seen_where_it_is_read(compiled: Compiled) -> None:
    assert named_layer(compiled.verdicts["fork"]) == "hidden2"


@pytest.mark.parametrize("name", WORDS)
def test_a_changed_word_is_seen_and_its_layer_named(name: str, compiled: Compiled, tmp_path: Path) -> None:
    word, project = WORDS[name], compiled.project
    index = list(BASES).index(word.base)
    node = project.graph.graph[project.chains[index].node(word.layer)]
    path = project.firmware / "weights" / f"{node.get_weights(word.memory).name}.txt"
    before = path.read_text(encoding="utf-8")
    words = before.split(", ")
    words[word.position] = str(word.change(int(words[word.position])))
    # Another file is another library, which reads its memories for itself.
    library = tmp_path / f"{name}.so"
    shutil.copy(compiled.library, library)
    try:
        path.write_text(", ".join(words), encoding="utf-8")
        verdicts = verdicts_of(project, library, compiled.networks)
    finally:
        path.write_text(before, encoding="utf-8")
    assert named_layer(verdicts[index]) == word.layer
    assert all(verdicts[other].equal for other in range(len(BASES)) if other != index)


def test_frames_are_not_all_the_same() -> None:
    for network in BASES.values():
        assert len(np.unique(random_pixels(network, FRAMES, seed=3), axis=0)) == FRAMES
