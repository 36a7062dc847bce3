"""The checks of a project of maps: they pass, and a kernel that multiplies or a constant that is not the network's is found."""

import re
from pathlib import Path

import pytest

from hls.chain import chains_of
from hls.check import audited_frames, check_project
from hls.parallelism import resolve_parallelism
from hls.project import bench_vectors, write_project, write_test_vectors
from hls.project_files import memory_faults, parameter_faults
from hls.regression import ANY_TARGET
from model.golden import simulate
from model.integer_network import Encoder, InputCode, Layer, Synapses, WireCode
from sim.random_maps import random_map_case
from tests.hls.conftest import Written, copied, edit, failed, write
from tests.hls.map_networks import column, deferred, network, readout, residual_network, weights


@pytest.fixture(scope="session")
def pristine_map(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write(residual_network(), tmp_path_factory.mktemp("maps") / "project")


@pytest.fixture
def residual(pristine_map: Written, tmp_path: Path) -> Written:
    return copied(pristine_map, tmp_path / "project")


def test_a_generated_project_of_maps_passes_every_check(residual: Written) -> None:
    assert failed(residual) == {}


MULTIPLIES = {
    "map_synapses.h": ("potential[lane] += weights[word + lane];", "potential[lane] += weights[word + lane] * 1;"),
    "map_decide.h": ("largest[lane] += offset[first_channel + lane];", "largest[lane] += offset[first_channel + lane] * 1;"),
    "fork_spikes.h": ("first[index] = spikes[index];", "first[index] = spikes[index] * 1;"),
}


@pytest.mark.parametrize("header", MULTIPLIES)
def test_a_kernel_of_maps_that_multiplies_is_refused_by_types_and_by_text(header: str, residual: Written) -> None:
    kernel = residual.project.firmware / "nnet_utils" / header
    old, new = MULTIPLIES[header]
    edit(kernel, old, new)
    line = kernel.read_text(encoding="utf-8").split(new)[0].count("\n") + 1
    found = failed(residual)
    assert found["kernel_copies"] == f"{header} differs from the kernel it was copied from"
    assert found["kernel_text"] == f"{header} line {line}: operator *"
    assert re.search(rf"{header}:{line}:\d+: error: use of deleted function 'audit::number audit::operator\*", found["operators"])


def test_constants_of_windows_are_compared_with_the_network(residual: Written) -> None:
    path = residual.project.firmware / "parameters.h"
    text = path.read_text(encoding="utf-8")
    number = residual.project.graph.graph["layer_hidden2"].index
    for structure, old, new in (
        (f"synapses{number}_first", "group_inputs = 2", "group_inputs = 1"),
        (f"synapses{number}_second", "first_column = 1", "first_column = 0"),
        (f"config{number}", "n_window_columns = 3", "n_window_columns = 2"),
    ):
        text, count = re.subn(rf"(struct {structure} [^}}]*\b){old};", rf"\g<1>{new};", text)
        assert count == 1
    path.write_text(text, encoding="utf-8")
    assert parameter_faults(residual.project) == [
        "parameters.h, layer_hidden2: n_window_columns is 2; expected 3",
        f"parameters.h, layer_hidden2, synapses{number}_first: group_inputs is 1; expected 2",
        f"parameters.h, layer_hidden2, synapses{number}_second: first_column is 0; expected 1",
    ]


def test_memories_of_both_sources_are_compared_with_the_network(residual: Written) -> None:
    number = residual.project.graph.graph["layer_hidden2"].index
    for name in (f"weight{number}", f"second_weight{number}"):
        memory = residual.project.firmware / "weights" / f"{name}.txt"
        first, _, rest = memory.read_text(encoding="utf-8").partition(", ")
        memory.write_text(f"{int(first) + 1}, {rest}", encoding="utf-8")
    faults = memory_faults(residual.project)
    assert [fault.partition(" is ")[0] for fault in faults] == [
        f"weight{number}.txt word 0",
        f"second_weight{number}.txt word 0",
    ]


def test_a_width_of_maps_that_was_not_proved_stops_the_execution(residual: Written) -> None:
    potential = residual.project.graph.graph["layer_hidden2"].get_attr("potential_t").name
    bits = residual.network.layer("hidden2").neuron.potential_bits
    edit(residual.project.firmware / "defines.h", f"typedef ap_int<{bits}> {potential};", f"typedef ap_int<5> {potential};")
    found = failed(residual)
    assert list(found) == ["execution"]
    assert re.fullmatch(r"-?\d+ does not fit ap_int<5>", found["execution"])


def test_frames_of_the_test_bench_have_the_colours_of_a_pixel_side_by_side(residual: Written) -> None:
    texts = bench_vectors(residual.project, residual.pixels, residual.scores)
    line = texts[residual.project.folder / "tb_data" / "tb_input_features.dat"].splitlines()[2].split()
    pixels = residual.pixels[2].reshape(2, 5, 6)
    assert line[:4] == [str(value) for value in (pixels[0, 0, 0], pixels[1, 0, 0], pixels[0, 0, 1], pixels[1, 0, 1])]


# Every kind of neuron.
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 7, 9])
def test_random_maps_run_in_their_proved_widths_without_a_multiplier(seed: int, tmp_path: Path) -> None:
    case = random_map_case(seed)
    lanes = resolve_parallelism(case.lanes, case.network)
    project = write_project(chains_of([case.network], [lanes]), ANY_TARGET, tmp_path / "project")
    scores = simulate(case.network, case.pixels).scores
    write_test_vectors(project, case.pixels, scores)
    checks = check_project(project, case.pixels, scores)
    assert {name: check.detail for name, check in checks.items() if not check.passed} == {}


def test_fewer_frames_of_a_large_network_are_audited() -> None:
    assert audited_frames(residual_network()) == 100
    hidden = deferred(WireCode.BITS, 3, column(*range(100, 228)), (60, 60))
    large = network(
        "large",
        Encoder((8, 64, 64), 4, InputCode.BITS),
        Layer("hidden1", (Synapses("input", weights(0, 128, 8, 5, 5), 4),), hidden),
        Layer("readout", (Synapses("hidden1", weights(1, 10, 128), 4, pooling=(60, 60)),), readout(10)),
    )
    # 128 · 8 · 25 connections at each of 3,600 positions, for each of 4 planes: 369 million.
    assert audited_frames(large) == 2
