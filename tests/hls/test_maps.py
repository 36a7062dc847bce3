"""Random networks of maps, side by side in one project: HLS equals golden in every spike and score, whatever the lanes."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from hls.chain import chains_of
from hls.map_layer_list import needs_map
from hls.parallelism import resolve_parallelism
from hls.project import write_project
from hls.regression import ANY_TARGET, Parallelism, hls_results_of_all
from hls.simulate import HlsResult, compare_with_golden
from model.base.errors import UserError
from model.compare import Comparison
from model.golden import simulate
from model.integer_network import Layer, Network, NeuronMode, Synapses
from sim.random_maps import random_map_case
from tests.hls.map_networks import causal_network, leaky_network, network, readout, residual_network, weights
from tests.hls.networks import random_pixels

FRAMES = 40

# Together they have every kind of neuron, wire code, window, pooling and residual connection that is drawn.
SEEDS = (3, 4, 7, 10, 11, 22, 27, 28, 34)
OWN: dict[str, tuple[Callable[[], Network], int | Literal["auto"]]] = {
    "residual_on_one_lane": (residual_network, 1),
    "residual_on_three_lanes": (residual_network, 3),
    "residual_on_all_lanes": (residual_network, "auto"),
    "causal_on_two_lanes": (causal_network, 2),
    "leaky_on_two_lanes": (leaky_network, 2),
}
NAMES = [*(f"seed_{seed}" for seed in SEEDS), *OWN]


@pytest.fixture(scope="module")
def networks() -> dict[str, tuple[Network, Parallelism]]:
    """Every network with its lanes."""
    cases = {f"seed_{seed}": random_map_case(seed) for seed in SEEDS}
    drawn = {name: (case.network, case.lanes) for name, case in cases.items()}
    return {**drawn, **{name: (build(), lanes) for name, (build, lanes) in OWN.items()}}


@pytest.fixture(scope="module")
def outcomes(
    networks: dict[str, tuple[Network, Parallelism]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Comparison, HlsResult]]:
    each, lanes = [network for network, _ in networks.values()], [lanes for _, lanes in networks.values()]
    pixels = [random_pixels(one, FRAMES, seed=8) for one in each]
    results = hls_results_of_all(each, pixels, tmp_path_factory.mktemp("maps"), lanes)
    comparisons = [
        compare_with_golden(one, simulate(one, images), result) for one, images, result in zip(each, pixels, results, strict=True)
    ]
    return dict(zip(networks, zip(comparisons, results, strict=True), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_hls_equals_golden(
    name: str, networks: dict[str, tuple[Network, Parallelism]], outcomes: dict[str, tuple[Comparison, HlsResult]]
) -> None:
    comparison, _ = outcomes[name]
    assert comparison.first is None
    assert comparison.equal
    assert comparison.frames == FRAMES
    assert list(comparison.by_layer) == ["input", *(layer.name for layer in networks[name][0].layers)]


@pytest.mark.parametrize("name", OWN)
def test_the_networks_were_active(
    name: str, networks: dict[str, tuple[Network, Parallelism]], outcomes: dict[str, tuple[Comparison, HlsResult]]
) -> None:
    result = outcomes[name][1]
    for source, spikes in result.spikes.items():
        assert (spikes.min(), spikes.max()) == networks[name][0].source_wire_range(source), source
    assert len(np.unique(result.scores)) > FRAMES


def test_lanes_change_no_spike(outcomes: dict[str, tuple[Comparison, HlsResult]]) -> None:
    one, *others = (outcomes[name][1] for name in OWN if name.startswith("residual"))
    for other in others:
        np.testing.assert_array_equal(one.scores, other.scores)
        for source, spikes in one.spikes.items():
            np.testing.assert_array_equal(spikes, other.spikes[source])


def test_what_the_networks_have(networks: dict[str, tuple[Network, Parallelism]]) -> None:
    """The networks above cover what convolutional networks are made of."""
    found: set[str] = set()
    for each, _ in networks.values():
        for layer in filter(needs_map, each.layers):
            found |= features(each, layer)
    assert found == {
        "deferred", "causal", "leaky", "readout", "two sources", "planes that differ", "direct beside trains", "own starts",
        "max pooling", "padded max pooling", "average pooling", "remainder", "global average", "linear", "stride", "padding",
        "grouped", "depthwise", "identity", "strided identity", "magnitudes", "negative spikes", "unary", "bits", "count",
        "train", "none",
    }  # fmt: skip


def features(each: Network, layer: Layer) -> set[str]:
    neuron, window = layer.neuron, layer.max_pooling
    planes = {each.source_steps(group.source) for group in layer.synapses if each.source_is_bits(group.source)}
    directs = {each.source_is_direct(group.source) for group in layer.synapses}
    found = {
        str(neuron.mode): True,
        str(neuron.code): True,
        "leaky": neuron.is_leaky,
        "own starts": neuron.mode is NeuronMode.CAUSAL and neuron.offset.size > neuron.channels,
        "two sources": len(layer.synapses) > 1,
        "planes that differ": len(planes) > 1,
        "direct beside trains": len(directs) > 1,
        "max pooling": window is not None,
        "padded max pooling": window is not None and max(window.padding) > 0,
    }
    named = {name for name, has in found.items() if has}
    return named.union(*(features_of_group(each, group) for group in layer.synapses))


def features_of_group(each: Network, group: Synapses) -> set[str]:
    source = each.source_map(group.source)
    low, high = each.source_wire_range(group.source)
    groups = group.groups > 1 and not group.is_identity
    found = {
        "linear": not group.is_convolution,
        "average pooling": group.pooling != (1, 1),
        "global average": group.pooling != (1, 1) and group.pooling == source.positions,
        "remainder": any(length % size for length, size in zip(source.positions, group.pooling, strict=True)),
        "stride": max(group.stride) > 1,
        "padding": max(group.padding) > 0,
        "grouped": groups and group.groups < source.channels,
        "depthwise": groups and group.groups == source.channels,
        "identity": group.is_identity,
        "strided identity": group.is_identity and max(group.stride) > 1,
        "magnitudes": max(-low, high) > 1,
        "negative spikes": low < 0,
    }
    return {name for name, has in found.items() if has}


def test_lanes_change_constants_and_words_and_no_statement(tmp_path: Path) -> None:
    texts = []
    for lanes in (1, 4):
        chains = chains_of([residual_network()], [resolve_parallelism(lanes, residual_network())])
        project = write_project(chains, ANY_TARGET, tmp_path / str(lanes) / "project")
        source = (project.firmware / "isospike_hls.cpp").read_text(encoding="utf-8")
        # How many words a memory has depends on its surplus lanes.
        texts.append(re.sub(r"(load_weights_from_txt<\w+, )\d+", r"\1", source))
    assert texts[0] == texts[1]


def test_more_than_two_sources_are_refused_with_the_layer(tmp_path: Path) -> None:
    base = residual_network()
    groups = tuple(Synapses("input", weights(seed, 3, 60), 4) for seed in range(3))
    three = network("three", base.encoder, Layer("readout", groups, readout(3)))
    chains = chains_of([three], [resolve_parallelism(1, three)])
    with pytest.raises(UserError) as error:
        write_project(chains, ANY_TARGET, tmp_path / "project")
    assert str(error.value) == (
        "integer network, layer readout: 3 groups of synapses; the HLS project has at most 2 a layer,"
        " so add some of them in a layer before"
    )
