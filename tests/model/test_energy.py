"""Energy of a network small enough to count and price on paper; every expected value is written out here."""

import math
from dataclasses import replace

import numpy as np
import pytest

from model.energy import BASELINES, TABLES, EngineCounts, WeightCounts, energy_account, price, spiking_work
from model.energy.account import measured_activity
from model.energy.baselines import DENSE, TIME_STEP_BITS, ZERO_SKIPPING, baseline_work
from model.energy.break_even import break_even
from model.energy.tables import INTEGER, INTEGER_AND_MEMORY, LITERATURE, access_energy, add_energy, multiply_energy
from model.golden import NetworkCounts, count_operations, simulate
from model.integer_network import Encoder, InputCode, Layer, Network, Neuron, NeuronMode, Synapses, WireCode
from rtl.core_plan import plan_core
from rtl.memory_files import weight_rows
from tests.model.counted_engine import counted_engine
from tests.model.networks import chain, column, deferred, readout

NONE = np.empty(0, dtype=np.int64)

# Levels (3, 1) and (0, 0): planes (1, 0), (1, 1) and nothing, so 3 input spikes.
PIXELS = np.array([[255, 64], [0, 0]], dtype=np.uint8)

# Two lanes for the hidden layer, one for the readout. The bank reads and writes every potential once for each
# accumulate, doubling, bias add and compare: 6 + 4 + 4 + 12 and 8 + 4. Two inputs have a row each for two neurons, and two for
# one neuron each; in the two frames two inputs of either layer are not zero.
ENGINE = {
    "hidden": EngineCounts(
        lanes=2,
        row_reads=3,
        potential_reads=26,
        potential_writes=26,
        executed_cycles=13,
        skipped_cycles=5,
        weights=(WeightCounts(row_weights=2, rows=2, row_reads=3, input_rows=2, nonzero_input_rows=2),),
    ),
    "readout": EngineCounts(
        lanes=1,
        row_reads=8,
        potential_reads=12,
        potential_writes=12,
        executed_cycles=12,
        skipped_cycles=4,
        weights=(WeightCounts(row_weights=1, rows=4, row_reads=8, input_rows=4, nonzero_input_rows=4),),
    ),
}


def small_network(bits: int = 2, levels: int = 3) -> Network:
    """2-2-2; charge (2, 6) plus 1 over 2 gives levels 1 and 3 in the first frame, none in the second."""
    hidden = Neuron(NeuronMode.DEFERRED, WireCode.UNARY, levels, levels, column(2, 2), column(1, 1), NONE, 8)
    readout = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, NONE, column(0, 0), NONE, 8)
    return Network(
        "small",
        "pascal",
        Encoder((2,), bits, InputCode.BITS),
        (
            Layer("hidden", (Synapses("input", np.array([[1, -1], [2, 0]]), 3),), hidden),
            Layer("readout", (Synapses("hidden", np.array([[1, 0], [0, 1]]), 2),), readout),
        ),
    )


def test_adds_are_linear_through_the_published_widths() -> None:
    assert add_energy(8) == 0.03
    assert add_energy(32) == 0.1
    assert add_energy(4) == pytest.approx(0.015)
    assert add_energy(20) == pytest.approx(0.065)  # half way from 8 to 32 bits
    assert add_energy(44) == pytest.approx(0.135)  # the last line goes on


def test_multiplications_are_linear_in_the_product_of_their_widths() -> None:
    assert multiply_energy(8, 8) == pytest.approx(0.2)
    assert multiply_energy(32, 32) == pytest.approx(3.1)
    assert multiply_energy(4, 2) == multiply_energy(2, 4) == pytest.approx(0.025)  # 8 of 64 partial-product bits
    assert multiply_energy(16, 34) == pytest.approx(1.65)  # 544, half way from 64 to 1024


def test_a_factor_of_one_bit_selects_and_costs_nothing() -> None:
    assert multiply_energy(4, 1) == 0.0


def test_accesses_go_with_bits_and_between_sizes_with_a_power_law() -> None:
    kilobyte = 8 * 1024
    assert access_energy(64, 8 * kilobyte) == pytest.approx(10.0)
    assert access_energy(64, 32 * kilobyte) == pytest.approx(20.0)
    assert access_energy(64, 1024 * kilobyte) == pytest.approx(100.0)
    assert access_energy(16, 8 * kilobyte) == pytest.approx(2.5)
    assert access_energy(64, 16 * kilobyte) == pytest.approx(10.0 * math.sqrt(2))  # half way on logarithmic axes
    assert access_energy(64, 2 * kilobyte) == pytest.approx(5.0)  # a quarter of the smallest size, half its energy
    assert access_energy(64, 4096 * kilobyte) == pytest.approx(200.0)


def test_arithmetic_of_the_small_network_is_what_paper_says() -> None:
    network = small_network()
    counts = count_operations(network, simulate(network, PIXELS))
    total = price(spiking_work(network, counts, ENGINE), INTEGER, frames=2)
    # hidden: 6 accumulates, 4 doublings, 4 bias adds, 12 compares, 4 resets; readout: 8 accumulates, 4 bias adds; 0.03 pJ each.
    assert total.total == pytest.approx((30 + 12) * 0.03 / 2)
    assert total.per_spike == pytest.approx((6 + 4 + 8) * 0.03 / 2)
    assert total.fixed == pytest.approx((4 + 4 + 12 + 4) * 0.03 / 2)


def test_memory_traffic_of_the_small_network_is_what_paper_says() -> None:
    network = small_network()
    counts = count_operations(network, simulate(network, PIXELS))
    total = price(spiking_work(network, counts, ENGINE), INTEGER_AND_MEMORY, frames=2)

    def moved(bits: int, store_bits: int) -> float:
        return bits / 64 * 10.0 * math.sqrt(store_bits / 8 / 8192)

    # Stores: 2·2·3 and 2·2·2 bits of weights, two potentials of 8 bits; thresholds and offsets, offsets alone.
    weights = moved(3 * 2 * 3, 12) + moved(8 * 1 * 2, 8)
    potentials = moved((26 + 26 + 12 + 12) * 8, 16)
    constants = moved((4 + 12) * 8, 32) + moved(4 * 8, 16)
    assert total.as_dict()["groups"] == pytest.approx(
        {"arithmetic": 0.63, "weights": weights / 2, "potentials": potentials / 2, "constants": constants / 2}
    )
    # Potentials move once for each of the 6 and 8 accumulates in both directions because of spikes.
    assert total.per_spike == pytest.approx((18 * 0.03 + weights + moved(2 * 14 * 8, 16)) / 2)


def test_the_rows_of_the_small_network_are_what_paper_says() -> None:
    network = small_network()
    counted = counted_engine(network, simulate(network, PIXELS), [2, 1])
    assert {name: engine.weights for name, engine in counted.items()} == {name: engine.weights for name, engine in ENGINE.items()}


def test_weights_of_a_dense_layer_are_those_of_its_memory_file() -> None:
    """Three neurons on two lanes: two rows of two weights of four bits for each of two inputs, the last lane idle."""
    hidden, last = deferred(WireCode.UNARY, 1, column(1, 1, 1), column(0, 0, 0)), readout(column(0))
    network = chain(
        Encoder((2,), 1, InputCode.BITS), [np.ones((3, 2), dtype=np.int64), np.ones((1, 3), dtype=np.int64)], [hidden, last]
    )
    result = simulate(network, np.array([[255, 0], [255, 255], [0, 0]], dtype=np.uint8))
    plan = plan_core(network, [2, 1])
    rows = weight_rows(network.layers[0], plan.layers[0], plan.links[0])
    assert rows.shape == (4, 2)
    engine = counted_engine(network, result, [2, 1])
    assert engine["hidden1"].weights == (WeightCounts(2, 4, row_reads=6, input_rows=4, nonzero_input_rows=6),)
    work = spiking_work(network, count_operations(network, result), engine)[0]
    access = next(access for access in work.accesses if access.store == "weights")
    assert (access.label, access.count, access.access_bits, access.store_bits) == ("weight rows", 6, 8, rows.size * 4)


def test_baselines_of_a_dense_layer_read_a_row_a_pass_for_every_input_looked_at() -> None:
    network = small_network()
    counts = count_operations(network, simulate(network, PIXELS))
    rows = {
        baseline.key: [
            (access.label, access.count, access.access_bits, access.store_bits)
            for layer in baseline_work(baseline, network, counts, ENGINE)
            for access in layer.accesses
            if access.store == "weights"
        ]
        for baseline in BASELINES
    }
    # Two frames of two inputs, one pass of two lanes and two of one lane; two inputs of either layer are not zero.
    dense = [("weight rows", 4, 2 * 3, 12), ("weight rows", 8, 1 * 2, 8)]
    skipping = [("weight rows", 2, 2 * 3, 12), ("weight rows", 4, 1 * 2, 8)]
    assert rows == {"dense": dense, "zero_skipping": skipping, "time_step_bits": dense}


def test_baselines_of_the_small_network_are_what_paper_says() -> None:
    network = small_network()
    result = simulate(network, PIXELS)
    counts = count_operations(network, result)
    assert [group.nonzero_inputs for groups in counts.groups.values() for group in groups] == [2, 2]
    totals = {baseline.key: price(baseline_work(baseline, network, counts, ENGINE), INTEGER, 2).total for baseline in BASELINES}
    # Products of 3 × 2 and 2 × 2 bits cost 0.01875 and 0.0125 pJ; 4 bias adds a layer, 2 compares for each of 4 neurons.
    dense = 8 * (0.01875 + 0.03) + 12 * 0.03 + 8 * (0.0125 + 0.03) + 4 * 0.03
    skipping = 4 * (0.01875 + 0.03) + 12 * 0.03 + 4 * (0.0125 + 0.03) + 4 * 0.03
    assert totals == pytest.approx({"dense": dense / 2, "zero_skipping": skipping / 2, "time_step_bits": dense / 2})


def test_the_literature_counts_synaptic_operations_alone() -> None:
    network = small_network()
    result = simulate(network, PIXELS)
    counts = count_operations(network, result)
    spiking = price(spiking_work(network, counts, ENGINE), LITERATURE, 2)
    skipping = price(baseline_work(ZERO_SKIPPING, network, counts, ENGINE), LITERATURE, 2)
    assert spiking.total == pytest.approx(14 * 0.9 / 2)
    assert skipping.total == pytest.approx(8 * 4.6 / 2)


def test_direct_input_is_a_dense_multiply_accumulate_in_the_literature() -> None:
    hidden = Neuron(NeuronMode.CAUSAL, WireCode.TRAIN, 3, 3, column(4, 4), column(2, 2), column(0, 0), 8)
    network = small_network()
    network = replace(
        network,
        method="opi",
        encoder=Encoder((2,), 2, InputCode.DIRECT),
        layers=(replace(network.layers[0], neuron=hidden), network.layers[1]),
    )
    counts = count_operations(network, simulate(network, PIXELS))
    work = spiking_work(network, counts, ENGINE)
    assert (work[0].convention_accumulates, work[0].convention_multiply_accumulates) == (0, 2 * 4)
    charge_adds = next(operation.count for operation in work[0].operations if operation.label == "charge adds")
    assert charge_adds == 3 * 2 * 2


def test_time_step_bits_count_the_steps_of_a_link() -> None:
    baseline = next(baseline for baseline in BASELINES if baseline.counts_steps)
    network = small_network(bits=8)
    assert baseline.activation_bits(network, "input") == 4  # 8 planes
    assert baseline.activation_bits(network, "hidden") == 2  # 3 steps
    assert ZERO_SKIPPING.activation_bits(network, "input") == 8
    direct = replace(network, encoder=Encoder((2,), 8, InputCode.DIRECT))
    assert baseline.activation_bits(direct, "input") == 8


def test_break_even_is_where_the_prices_cross() -> None:
    network = small_network()
    counts = count_operations(network, simulate(network, PIXELS))
    account = energy_account(network, counts, ENGINE)
    found = account["break_even"]["integer"]["dense"]  # type: ignore[index]
    # 14 accumulates on 8 synapses in 2 frames; 7 spikes on 2 planes and 3 steps of 2 channels in 2 frames.
    assert found["measured_spikes_per_synapse"] == pytest.approx(0.875)
    assert found["measured_spike_rate"] == pytest.approx(7 / 20)
    factor = (0.605 - 0.36) / 0.27
    assert found["spikes_per_synapse"] == pytest.approx(factor * 0.875)
    assert found["spike_rate"] == pytest.approx(factor * 7 / 20)
    assert found["energy_ratio"] == pytest.approx(0.63 / 0.605)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.key)
def test_a_network_with_twice_the_spikes_is_the_baseline_at_a_factor_of_two(table) -> None:  # type: ignore[no-untyped-def]
    network = small_network()
    counts = count_operations(network, simulate(network, PIXELS))
    doubled = NetworkCounts(
        2,
        {
            name: replace(layer, input_events=2 * layer.input_events, accumulates=2 * layer.accumulates, resets=2 * layer.resets)
            for name, layer in counts.layers.items()
        },
        counts.groups,
    )
    busier = {
        name: replace(
            engine,
            row_reads=2 * engine.row_reads,
            weights=tuple(replace(group, row_reads=2 * group.row_reads) for group in engine.weights),
            potential_reads=engine.potential_reads + counts.layers[name].accumulates,
            potential_writes=engine.potential_writes + counts.layers[name].accumulates,
        )
        for name, engine in ENGINE.items()
    }
    once = price(spiking_work(network, counts, ENGINE), table, 2)
    twice = price(spiking_work(network, doubled, busier), table, 2)
    found = break_even(once, twice, measured_activity(network, counts))
    assert found.spikes_per_synapse == pytest.approx(2 * 0.875)


def test_no_break_even_where_the_fixed_work_alone_costs_more() -> None:
    network = small_network()
    counts = count_operations(network, simulate(network, PIXELS))
    spiking = price(spiking_work(network, counts, ENGINE), INTEGER, 2)
    cheap = replace(spiking, layers={"hidden": (replace(spiking.layers["hidden"][0], picojoules=0.1),)})
    found = break_even(spiking, cheap, measured_activity(network, counts))
    assert found.spikes_per_synapse is None
    assert found.spike_rate is None


def test_a_binary_network_adds_as_often_as_a_zero_skipping_one() -> None:
    network = small_network(bits=1, levels=1)
    pixels = np.random.default_rng(5).integers(0, 256, (40, 2)).astype(np.uint8)
    result = simulate(network, pixels)
    spiking = spiking_work(network, count_operations(network, result), ENGINE)
    skipping = baseline_work(ZERO_SKIPPING, network, count_operations(network, result), ENGINE)
    for ours, theirs in zip(spiking, skipping, strict=True):
        accumulates = next(operation for operation in ours.operations if operation.label == "accumulates")
        additions = next(operation for operation in theirs.operations if operation.label == "additions")
        assert accumulates.count == additions.count > 0
    lines = {line.label: line.picojoules for layer in skipping for line in INTEGER.lines(layer)}
    assert lines["multiplications"] == 0.0


def test_a_signed_activation_has_a_bit_for_every_doubling_of_its_levels() -> None:
    """Levels −2..3 are six, three bits; unary trains of three steps carry −3..3, seven, three bits; packets −2..3 as well."""
    for code in (WireCode.UNARY, WireCode.COUNT):
        hidden = deferred(code, 3, column(2, 2), column(1, 1), lowest=-2)
        weights = [np.array([[1], [1]]), np.array([[1, 1]])]
        network = chain(Encoder((1,), 2, InputCode.BITS), weights, [hidden, readout(column(0))])
        assert [baseline.activation_bits(network, "hidden1") for baseline in (DENSE, TIME_STEP_BITS)] == [3, 3]
        assert [baseline.activation_bits(network, "input") for baseline in (DENSE, TIME_STEP_BITS)] == [2, 2]


def test_a_decision_of_several_compares_prices_the_register_of_its_level() -> None:
    """Two neurons with levels −2..3: three compares each, so six reads and writes of three bits."""
    hidden = deferred(WireCode.COUNT, 3, column(2, 2), column(1, 1), lowest=-2)
    network = chain(Encoder((1,), 2, InputCode.BITS), [np.array([[1], [1]]), np.array([[1, 1]])], [hidden, readout(column(0))])
    result = simulate(network, np.array([[255]], dtype=np.uint8))
    counts = count_operations(network, result)
    idle = EngineCounts(2, 0, 0, 0, 0, 0, (WeightCounts(2, 1, 0, 0, 0),))
    work = spiking_work(network, counts, {layer.name: idle for layer in network.layers})[0]
    adds = {operation.label: operation.count for operation in work.operations}
    moved = {access.label: (access.count, access.access_bits) for access in work.accesses}
    assert adds["level adds"] == counts.layers["hidden1"].resets > 0
    assert moved["level reads"] == moved["level writes"] == (6, 3)
