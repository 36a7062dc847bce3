"""Energy of networks of maps small enough to count on paper."""

from dataclasses import replace

import numpy as np
import pytest

from model.energy import TABLES, EngineCounts, LayerWork, baseline_work, energy_account, price, spiking_work
from model.energy.account import measured_activity
from model.energy.baselines import BASELINES, DENSE, TIME_STEP_BITS, ZERO_SKIPPING
from model.energy.spiking import weight_store
from model.golden import count_operations, simulate
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Synapses,
    Window,
    WireCode,
    verify_network,
    with_proved_widths,
)
from sim.random_maps import random_map_case
from tests.model.networks import causal, column, deferred, readout

ENGINE = EngineCounts(lanes=1, row_reads=0, potential_reads=0, potential_writes=0, executed_cycles=0, skipped_cycles=0)


def network_of(*layers: Layer, code: InputCode = InputCode.BITS, shape: tuple[int, ...] = (3, 3)) -> Network:
    return verify_network(with_proved_widths(Network("test", "pascal", Encoder(shape, 1, code), layers)))


def residual_network() -> Network:
    """3x3 pixels of one bit; a 2x2 window, stride 2, padding 1, and max pooling; a residual of pooled input; a readout."""
    first = Synapses("input", np.array([[[[1, 0], [2, -1]]]]), 3, stride=(2, 2), padding=(1, 1))
    gain = Synapses("hidden1", np.array([[[[5]]]]), 9)
    pooled = Synapses("input", np.array([[[[1]]]]), 2, pooling=(2, 2), stride=(2, 2))
    neuron = deferred(WireCode.COUNT, 3, column(1), column(0))
    return network_of(
        Layer("hidden1", (first,), neuron, Window((2, 2), (2, 2))),
        Layer("hidden2", (gain, pooled), neuron),
        Layer("readout", (Synapses("hidden2", np.array([[1], [-1]]), 2),), readout(column(0, 0))),
    )


def engines(network: Network) -> dict[str, EngineCounts]:
    return {layer.name: ENGINE for layer in network.layers}


def work_of(work: tuple[LayerWork, ...], name: str) -> tuple[dict[str, float], dict[str, tuple[float, int]]]:
    layer = next(layer for layer in work if layer.name == name)
    operations = {operation.label: operation.count for operation in layer.operations}
    return operations, {access.label: (access.count, access.access_bits) for access in layer.accesses}


def test_a_dense_baseline_multiplies_at_real_positions() -> None:
    """16 places of four windows less 7 outside; four accumulators, three compares to the largest, two bits of its level."""
    network = residual_network()
    counts = count_operations(network, simulate(network, np.full((2, 3, 3), 255, dtype=np.uint8)))
    operations, accesses = work_of(baseline_work(DENSE, network, counts, engines(network)), "hidden1")
    assert operations == {
        "multiplications": 18,
        "additions": 18,
        "bias adds": 2,
        "requantising compares": 4,
        "max pooling compares": 6,
    }
    assert accesses["weight rows"] == (18, 3)
    bits = network.layers[0].neuron.potential_bits
    assert (accesses["accumulator reads"], accesses["accumulator writes"]) == ((18 + 8, bits), (18, bits))


def test_each_group_of_a_baseline_has_its_own_widths() -> None:
    """An identity of 9 bits times a level of 2 bits; a pooled pixel of four bits of one: three bits, after three adds."""
    network = residual_network()
    counts = count_operations(network, simulate(network, np.full((1, 3, 3), 255, dtype=np.uint8)))
    layer = baseline_work(DENSE, network, counts, engines(network))[1]
    widths = {operation.label: (operation.count, operation.bits, operation.other_bits) for operation in layer.operations}
    assert widths["multiplications"] == (1, 9, 2)
    assert widths["multiplications from input"] == (1, 2, 3)
    assert widths["average pooling adds from input"] == (3, 3, 0)
    assert DENSE.activation_bits(network, "hidden1", 4) == 4
    assert TIME_STEP_BITS.activation_bits(network, "input", 4) == 3


def test_a_window_of_zeros_costs_a_zero_skipping_baseline_nothing() -> None:
    """Only the last pixel is on: it is under one place of a window, and no window of the average pooling holds it."""
    network = residual_network()
    pixels = np.zeros((1, 3, 3), dtype=np.uint8)
    pixels[0, 2, 2] = 255
    counts = count_operations(network, simulate(network, pixels))
    work = baseline_work(ZERO_SKIPPING, network, counts, engines(network))
    assert work_of(work, "hidden1")[0]["multiplications"] == 1
    assert work_of(work, "hidden2")[0]["multiplications from input"] == 0


def test_synapses_and_slots_are_those_of_positions() -> None:
    network = residual_network()
    counts = count_operations(network, simulate(network, np.full((1, 3, 3), 255, dtype=np.uint8)))
    account = energy_account(network, counts, engines(network))
    layers = account["counts"]["layers"]  # type: ignore[index]
    assert [(layers[name]["synapses"], layers[name]["weights"]) for name in layers] == [(9, 4), (2, 2), (2, 2)]
    # Nine spikes on nine connections; then level 2 once and four pixels of a window: 2 + 4 spikes on two synapses.
    assert (layers["hidden1"]["spikes_per_synapse"], layers["hidden2"]["spikes_per_synapse"]) == (1, 3)
    assert layers["hidden2"]["nonzero_input_share"] == 1
    # One packet and nine pixels in ten slots.
    assert layers["hidden2"]["spike_rate"] == 1
    assert layers["hidden2"]["weight_bits"] == 9
    level = count_operations(network, simulate(network, np.full((1, 3, 3), 255, dtype=np.uint8))).layers["hidden2"].spikes
    assert measured_activity(network, counts).spikes_per_synapse == pytest.approx((9 + 6 + 2 * level) / 13)


def test_weights_of_a_map_are_stored_once() -> None:
    """Three channels on two lanes are two passes; a row for each of two input channels and six places of the window."""
    weights = np.ones((3, 2, 2, 3), dtype=np.int64)
    layer = Layer("hidden1", (Synapses("input", weights, 4),), deferred(WireCode.UNARY, 1, column(1, 1, 1), column(0, 0, 0)))
    assert weight_store(layer, replace(ENGINE, lanes=2)) == 2 * 2 * 2 * 6 * 4


def test_the_literature_takes_the_constant_charge_of_a_map_as_multiply_accumulates() -> None:
    """Direct input in both groups of a causal layer, one of them besides a train: 4·4 and 4 connections, 4 of the train."""
    own = replace(causal(1, 2, column(4), column(0), column(0)), positions=(2, 2))
    window = Synapses("input", np.ones((1, 1, 2, 2), dtype=np.int64), 2)
    gain = Synapses("hidden1", np.ones((1, 1, 1, 1), dtype=np.int64), 2)
    last = Synapses("hidden2", np.ones((1, 4), dtype=np.int64), 2)
    network = network_of(
        Layer("hidden1", (window,), own),
        Layer("hidden2", (gain, window), own),
        Layer("readout", (last,), readout(column(0))),
        code=InputCode.DIRECT,
    )
    counts = count_operations(network, simulate(network, np.full((1, 3, 3), 255, dtype=np.uint8)))
    work = spiking_work(network, counts, engines(network))
    assert (work[0].convention_accumulates, work[0].convention_multiply_accumulates) == (0, 16)
    # Charge 4 on threshold 4: every neuron of hidden1 spikes in both time steps.
    assert (work[1].convention_accumulates, work[1].convention_multiply_accumulates) == (2 * 4, 16)


@pytest.mark.parametrize("seed", range(20))
def test_prices_of_maps_split_and_order_as_they_must(seed: int) -> None:
    case = random_map_case(seed, frames=4)
    network = case.network
    counts = count_operations(network, simulate(network, case.pixels))
    engine = {
        layer.name: EngineCounts(
            lanes, counts.layers[layer.name].input_events, *(counts.layers[layer.name].accumulates,) * 2, 0, 0
        )
        for layer, lanes in zip(network.layers, case.lanes, strict=True)
    }
    for table in TABLES:
        spiking = price(spiking_work(network, counts, engine), table, 4)
        assert spiking.total == pytest.approx(spiking.fixed + spiking.per_spike)
        prices = {each.key: price(baseline_work(each, network, counts, engine), table, 4) for each in BASELINES}
        assert 0 <= prices["zero_skipping"].total <= prices["dense"].total
    shares = energy_account(network, counts, engine)["counts"]["layers"]  # type: ignore[index]
    assert all(0 <= layer["nonzero_input_share"] <= 1 and 0 <= layer["spike_rate"] <= 1 for layer in shares.values())
