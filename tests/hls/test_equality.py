"""Random networks of every kind, side by side in one project: HLS equals golden in every spike and score."""

import numpy as np
import pytest

from hls.regression import hls_results_of_all
from hls.simulate import HlsResult, compare_with_golden
from model.compare import Comparison
from model.golden import simulate
from model.integer_network import InputCode, WireCode
from tests.hls.networks import Shape, deaf_network, random_network, random_pixels

UNARY, BITS, COUNT = WireCode.UNARY, WireCode.BITS, WireCode.COUNT
FRAMES = 120

SHAPES = {
    "bits_to_bits_saturating": Shape((13, 11, 7), InputCode.BITS, 3, (5,), (BITS,)),
    "bits_to_bits_full": Shape((16, 11, 10), InputCode.BITS, 4, (15,), (BITS,), weight_bits=3),
    "bits_to_unary": Shape((9, 17, 3), InputCode.BITS, 1, (5,), (UNARY,), weight_bits=2),
    "one_level": Shape((7, 5, 3), InputCode.BITS, 8, (1,), (BITS,), weight_bits=8),
    "unary_to_unary": Shape((11, 7, 5), InputCode.UNARY, 2, (3,), (UNARY,), weight_bits=5),
    "unary_to_bits": Shape((5, 13, 4), InputCode.UNARY, 5, (3,), (BITS,), weight_bits=6),
    "mixed_codes": Shape((12, 11, 7, 5, 3), InputCode.BITS, 6, (3, 6, 15), (UNARY, BITS, UNARY), weight_bits=7),
    "readout_alone": Shape((23, 10), InputCode.BITS, 7),
    "one_neuron_everywhere": Shape((1, 1, 1), InputCode.UNARY, 3, (2,), (BITS,)),
    "causal": Shape((9, 7, 3), InputCode.DIRECT, 2, (3,), time_steps=4),
    "causal_twice": Shape((6, 11, 5, 4), InputCode.DIRECT, 8, (4, 7), weight_bits=8, time_steps=7),
    "causal_one_step": Shape((5, 3, 2), InputCode.DIRECT, 1, (1,), weight_bits=2, time_steps=1),
    "count": Shape((11, 9, 7, 3), InputCode.BITS, 4, (6, 64), (COUNT, COUNT), weight_bits=8),
    "count_of_one": Shape((7, 5, 3), InputCode.UNARY, 2, (1,), (COUNT,)),
    "signed_unary": Shape((9, 8, 5, 3), InputCode.BITS, 3, (3, 2), (UNARY, UNARY), lowest=(-5, -1)),
    "signed_bits": Shape((11, 7, 6, 4), InputCode.BITS, 4, (7, 1), (BITS, BITS), lowest=(-2, -6), weight_bits=5),
    "signed_count": Shape((8, 9, 5, 3), InputCode.BITS, 5, (4, 1), (COUNT, COUNT), lowest=(-3, -1), weight_bits=6),
    "mixed_signs": Shape(
        (12, 9, 8, 7, 6, 3),
        InputCode.BITS,
        4,
        (5, 9, 3, 6),
        (COUNT, BITS, UNARY, COUNT),
        lowest=(-5, 0, -2, 0),
    ),
    "multi_spike": Shape((9, 8, 7, 3), InputCode.DIRECT, 4, (10, 3), time_steps=3, spikes=((0, 5), (0, 3)), leaky=(False, False)),
    "signed_multi_spike": Shape(
        (7, 9, 6, 4), InputCode.DIRECT, 8, (6, 64), time_steps=4, spikes=((-3, 2), (-1, 64)), leaky=(False, False)
    ),
    "signed_train_and_leaky": Shape(
        (9, 7, 8, 5, 3),
        InputCode.DIRECT,
        3,
        (4, 4, 4),
        time_steps=5,
        spikes=((-1, 1), (-1, 1), (0, 1)),
        leaky=(False, True, False),
    ),
    "leaky_twice": Shape((6, 9, 5, 3), InputCode.DIRECT, 4, (4, 3), time_steps=4, spikes=((-1, 1),) * 2, leaky=(True, True)),
}

NETWORKS = {name: random_network(shape, seed) for seed, (name, shape) in enumerate(SHAPES.items())} | {"deaf": deaf_network()}

# Lanes that divide the neurons, that do not, one alone, and the automatic choice.
PARALLELISM = ("auto", 1, 3, 4)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Comparison, HlsResult]]:
    networks = list(NETWORKS.values())
    pixels = [random_pixels(network, FRAMES, seed) for seed, network in enumerate(networks)]
    choices = [PARALLELISM[index % len(PARALLELISM)] for index in range(len(networks))]
    results = hls_results_of_all(networks, pixels, tmp_path_factory.mktemp("hls"), choices)  # type: ignore[arg-type]
    comparisons = [
        compare_with_golden(network, simulate(network, images), result)
        for network, images, result in zip(networks, pixels, results, strict=True)
    ]
    return dict(zip(NETWORKS, zip(comparisons, results, strict=True), strict=True))


@pytest.mark.parametrize("name", NETWORKS)
def test_hls_equals_golden(name: str, outcomes: dict[str, tuple[Comparison, HlsResult]]) -> None:
    comparison, _ = outcomes[name]
    assert comparison.first is None
    assert comparison.equal
    assert comparison.stage == "hls_vs_golden"
    assert comparison.frames == FRAMES
    assert list(comparison.by_layer) == ["input", *(layer.name for layer in NETWORKS[name].layers)]


def test_every_layer_and_time_step_was_compared(outcomes: dict[str, tuple[Comparison, HlsResult]]) -> None:
    # 3 planes of 13 pixels, 3 planes of 11 neurons, 7 scores.
    assert outcomes["bits_to_bits_saturating"][0].values == FRAMES * (3 * 13 + 3 * 11 + 7)
    # 2 planes of 9 pixels, 4 time steps of 7 neurons, 3 scores.
    assert outcomes["causal"][0].values == FRAMES * (2 * 9 + 4 * 7 + 3)
    # 5 planes of 8 pixels, one packet of 9 and one of 5 neurons, 3 scores.
    assert outcomes["signed_count"][0].values == FRAMES * (5 * 8 + 9 + 5 + 3)


def test_the_networks_were_active(outcomes: dict[str, tuple[Comparison, HlsResult]]) -> None:
    for name in SHAPES:
        result = outcomes[name][1]
        for source, spikes in result.spikes.items():
            low, high = NETWORKS[name].source_wire_range(source)
            assert low <= spikes.min() < spikes.max() <= high, f"{name} {source}"
            assert low == 0 or spikes.min() < 0 < spikes.max(), f"{name} {source}"
            assert high == 1 or spikes.max() > 1, f"{name} {source}"
        assert len(np.unique(result.scores)) > 1, name
