"""Energy of networks of maps small enough to count on paper."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from model.energy import TABLES, EngineCounts, LayerWork, WeightCounts, baseline_work, energy_account, price, spiking_work
from model.energy.account import measured_activity
from model.energy.baselines import BASELINES, DENSE, TIME_STEP_BITS, ZERO_SKIPPING
from model.golden import count_operations, simulate
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Neuron,
    Synapses,
    Window,
    WireCode,
    verify_network,
    with_proved_widths,
)
from rtl.core_plan import plan_core
from rtl.link_plan import is_map
from rtl.map_memories import Memory, map_memories
from rtl.widths import index_bits
from sim.random_maps import random_map_case
from tests.model.counted_engine import counted_engine
from tests.model.networks import causal, column, deferred, readout


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
    """That did nothing and hold nothing, where rows do not matter."""
    nothing = WeightCounts(row_weights=0, rows=0, row_reads=0, input_rows=0, nonzero_input_rows=0)
    return {layer.name: EngineCounts(1, 0, 0, 0, 0, 0, (nothing,) * len(layer.synapses)) for layer in network.layers}


def work_of(work: tuple[LayerWork, ...], name: str) -> tuple[dict[str, float], dict[str, tuple[float, int]]]:
    layer = next(layer for layer in work if layer.name == name)
    operations = {operation.label: operation.count for operation in layer.operations}
    return operations, {access.label: (access.count, access.access_bits) for access in layer.accesses}


def test_a_dense_baseline_multiplies_at_real_positions() -> None:
    """16 places of four windows less 7 outside; four accumulators, three compares to the largest, two bits of its level."""
    network = residual_network()
    result = simulate(network, np.full((2, 3, 3), 255, dtype=np.uint8))
    counts, engine = count_operations(network, result), counted_engine(network, result, 1)
    operations, accesses = work_of(baseline_work(DENSE, network, counts, engine), "hidden1")
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
    result = simulate(network, pixels)
    work = baseline_work(ZERO_SKIPPING, network, count_operations(network, result), counted_engine(network, result, 1))
    assert work_of(work, "hidden1")[0]["multiplications"] == work_of(work, "hidden1")[1]["weight rows"][0] == 1
    assert work_of(work, "hidden2")[0]["multiplications from input"] == 0
    assert work_of(work, "hidden2")[1]["weight rows from input"] == (0, 2)


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


# Six of 4 × 4 pixels: a corner, two of a border, three inside. Of a window of 3 × 3 with padding 1, rows 0 and 3 are in two rows
# of windows, rows 1 and 2 in three.
LIT = ((0, 0), (0, 2), (3, 1), (1, 1), (2, 1), (2, 3))


def built_residual_network() -> Network:
    """A residual layer of 3 × 3 windows at 3 bits and an identity at 9, then a stride of two at 4 bits.

    hidden1, hidden2 and hidden3 send the lit pixels on two channels.
    """
    keep = replace(deferred(WireCode.UNARY, 1, column(1, 1), column(0, 0)), positions=(4, 4))
    window = np.zeros((2, 2, 3, 3), dtype=np.int64)
    window[[0, 1], [0, 1], 1, 1] = 1
    identity = np.full((2, 1, 1, 1), 200, dtype=np.int64)
    strided = np.ones((3, 2, 3, 3), dtype=np.int64)
    return network_of(
        Layer("hidden1", (Synapses("input", np.ones((2, 1, 1, 1), dtype=np.int64), 2),), keep),
        Layer("hidden2", (Synapses("hidden1", np.eye(2, dtype=np.int64)[:, :, None, None], 2),), keep),
        Layer("hidden3", (Synapses("hidden2", window, 3, padding=(1, 1)), Synapses("hidden1", identity, 9, groups=2)), keep),
        Layer(
            "hidden4",
            (Synapses("hidden3", strided, 4, stride=(2, 2), padding=(1, 1)),),
            replace(deferred(WireCode.UNARY, 1, column(1, 1, 1), column(0, 0, 0)), positions=(2, 2)),
        ),
        Layer("readout", (Synapses("hidden4", np.ones((2, 12), dtype=np.int64), 2),), readout(column(0, 0))),
        shape=(4, 4),
    )


def lit_pixels() -> np.ndarray:
    """Two frames: the lit pixels, and darkness."""
    pixels = np.zeros((2, 4, 4), dtype=np.uint8)
    pixels[0, [row for row, _ in LIT], [place for _, place in LIT]] = 255
    return pixels


def weight_accesses(work: tuple[LayerWork, ...], name: str) -> dict[str, tuple[float, int, int]]:
    """Of one layer, rows, bits of a row and bits of the store."""
    layer = next(layer for layer in work if layer.name == name)
    accesses = (access for access in layer.accesses if access.store == "weights")
    return {access.label: (access.count, access.access_bits, access.store_bits) for access in accesses}


@pytest.mark.parametrize(
    "lanes, row_weights, rows, passes_inside, passes_at_border",
    [
        # Nine banks of two channels: a spike is one pass; a word for each of 3 × 3 turns and two source channels.
        (18, 18, 3 * 3 * 2, 1, 1),
        # Three banks, a row of the window: a pass for each row of windows; 3 rows of the window × 3 turns of the columns.
        (6, 6, 3 * 3 * 2, 3, 2),
    ],
)
def test_each_group_of_a_residual_layer_is_priced_by_its_own_rows(
    lanes: int, row_weights: int, rows: int, passes_inside: int, passes_at_border: int
) -> None:
    """An identity has one weight for each of two lanes, whatever the banks, and a row for each of two source channels."""
    network = built_residual_network()
    result = simulate(network, lit_pixels())
    counts, engine = count_operations(network, result), counted_engine(network, result, [2, 2, lanes, 12, 2])
    inside = sum(row in (1, 2) for row, _ in LIT)
    row_reads = 2 * (inside * passes_inside + (len(LIT) - inside) * passes_at_border)
    row_bits, identity_bits = row_weights * 3, 2 * 9
    identity = "weight rows from hidden1"
    assert weight_accesses(spiking_work(network, counts, engine), "hidden3") == {
        "weight rows": (row_reads, row_bits, rows * row_bits),
        identity: (2 * len(LIT), identity_bits, 2 * identity_bits),
    }
    # Each input once a frame; a train of one step has one spike for each input that is not zero.
    dense = 2 * 2 * (8 * passes_inside + 8 * passes_at_border)
    assert weight_accesses(baseline_work(DENSE, network, counts, engine), "hidden3") == {
        "weight rows": (dense, row_bits, rows * row_bits),
        identity: (2 * 2 * 16, identity_bits, 2 * identity_bits),
    }
    skipping = weight_accesses(baseline_work(ZERO_SKIPPING, network, counts, engine), "hidden3")
    assert [count for count, *_ in skipping.values()] == [row_reads, 2 * len(LIT)]


def test_a_strided_convolution_is_priced_by_the_words_of_its_turns() -> None:
    """Three channels in 2 × 2 banks; 2 × 2 outputs, so that each of 4 × 4 positions of two channels has a turn of its own."""
    network = built_residual_network()
    result = simulate(network, lit_pixels())
    counts, engine = count_operations(network, result), counted_engine(network, result, [2, 2, 18, 12, 2])
    spikes = counts.layers["hidden3"].spikes
    assert spikes == 2 * len(LIT)
    assert weight_accesses(spiking_work(network, counts, engine), "hidden4") == {
        "weight rows": (spikes, 12 * 4, 4 * 4 * 2 * 12 * 4)
    }


def test_layers_of_a_residual_network_as_they_are_built() -> None:
    """Figures of resnet-20: 16 channels on 32 × 32 in nine banks, then 32 channels at stride two in four."""

    def convolution(source: str, channels: int, inputs: int, stride: int = 1) -> Synapses:
        weights = np.ones((channels, inputs, 3, 3), dtype=np.int64)
        return Synapses(source, weights, 4, stride=(stride, stride), padding=(1, 1))

    def neuron(channels: int, length: int) -> Neuron:
        threshold, offset = np.full(channels, 9, dtype=np.int64), np.zeros(channels, dtype=np.int64)
        return replace(deferred(WireCode.UNARY, 1, threshold, offset), positions=(length, length))

    network = network_of(
        Layer("hidden1", (convolution("input", 16, 1),), neuron(16, 32)),
        Layer("hidden2", (convolution("hidden1", 16, 16),), neuron(16, 32)),
        Layer(
            "hidden3",
            (convolution("hidden2", 16, 16), Synapses("hidden1", np.ones((16, 1, 1, 1), dtype=np.int64), 16, groups=16)),
            neuron(16, 32),
        ),
        Layer("hidden4", (convolution("hidden3", 32, 16, stride=2),), neuron(32, 16)),
        Layer("readout", (Synapses("hidden4", np.ones((2, 32), dtype=np.int64), 4, pooling=(16, 16)),), readout(column(0, 0))),
        shape=(32, 32),
    )
    result = simulate(network, np.zeros((1, 32, 32), dtype=np.uint8))
    work = spiking_work(network, count_operations(network, result), counted_engine(network, result, "auto"))
    assert weight_accesses(work, "hidden3") == {
        "weight rows": (0, 9 * 16 * 4, 9 * 16 * 9 * 16 * 4),  # 576 and 82,944 bits
        "weight rows from hidden1": (0, 16 * 16, 16 * 16 * 16),  # 256 and 4,096 bits
    }
    assert weight_accesses(work, "hidden4") == {"weight rows": (0, 4 * 32 * 4, 4 * 4 * 16 * 4 * 32 * 4)}  # 512 and 131,072 bits


def memory_file(network: Network, lanes: Sequence[int], name: str) -> Memory:
    plan = plan_core(network, lanes)
    for layer, planned in zip(network.layers, plan.layers, strict=True):
        if planned.map is not None:
            for memory in map_memories(layer, planned, planned.map, plan.links):
                if memory.name == name:
                    return memory
    raise AssertionError(name)


@pytest.mark.parametrize("seed", range(20))
def test_rows_and_stores_are_those_of_the_memory_files(seed: int) -> None:
    case = random_map_case(seed, frames=2, for_core=True)
    network, result = case.network, simulate(case.network, case.pixels)
    counts, engine = count_operations(network, result), counted_engine(network, result, case.lanes)
    works = [spiking_work(network, counts, engine), baseline_work(DENSE, network, counts, engine)]
    for layer, work, baseline in zip(network.layers, *works, strict=True):
        accesses = [[access for access in each.accesses if access.store == "weights"] for each in (work, baseline)]
        assert sum(access.count for access in accesses[0]) == engine[layer.name].row_reads
        assert len({access.label for access in accesses[0]}) == len(layer.synapses)
        if not is_map(network, layer):
            continue
        for number, ours in enumerate(zip(*accesses, strict=True)):
            memory = memory_file(network, case.lanes, f"{layer.name}_weights_{number}.mem")
            row_bits = memory.values.shape[1] * memory.element_bits
            assert [access.access_bits for access in ours] == [row_bits] * 2
            assert [access.store_bits for access in ours] == [row_bits * len(memory.values)] * 2


@pytest.mark.parametrize("seed", range(20))
def test_rows_are_those_that_the_tables_of_the_core_walk_through(seed: int) -> None:
    """An entry of a table ends its walk with bit 0 and touches something where any bank is valid."""
    case = random_map_case(seed, frames=3, for_core=True)
    network, result = case.network, simulate(case.network, case.pixels)
    engine, plan = counted_engine(network, result, case.lanes), plan_core(network, case.lanes)
    for layer, planned in zip(network.layers, plan.layers, strict=True):
        if planned.map is None:
            continue
        for number, (group, held) in enumerate(zip(layer.synapses, engine[layer.name].weights, strict=True)):
            source, banks = network.source_map(group.source), planned.map.banks
            walks = []
            for axis, count, length in (("rows", banks.rows, source.rows), ("columns", banks.columns, source.columns)):
                table = memory_file(network, case.lanes, f"{layer.name}_{axis}_{number}.mem").values[:, 0]
                link = plan.links[planned.links[number]]
                entries = table.reshape(1 << max(link.row_bits if axis == "rows" else link.column_bits, 1), -1)
                walks.append([_passes_of(entries[position], count) for position in range(length)])
            groups = np.full(source.channels, banks.groups)
            if group.groups > 1:
                channels = memory_file(network, case.lanes, f"{layer.name}_channels_{number}.mem").values[:, 0]
                groups = np.array([(int(entry) & (1 << index_bits(banks.groups)) - 1) + 1 for entry in channels])
            passes = np.einsum("c,r,s->crs", groups[: source.channels], *(np.array(walk) for walk in walks)).reshape(-1)
            spikes = result.input_spikes if group.source == "input" else result.layers[group.source].spikes
            assert held.row_reads == int(np.abs(spikes.astype(np.int64)).sum(axis=(0, 1)) @ passes)
            pooled = group.pooling
            assert held.input_rows * pooled[0] * pooled[1] == passes.sum()
            if pooled == (1, 1):
                assert held.nonzero_input_rows == int(spikes.any(axis=0).sum(axis=0) @ passes)


def _passes_of(entries: np.ndarray, banks: int) -> int:
    """Passes of a position up to the entry that is the last."""
    walked = 0
    for entry in entries:
        walked += int(int(entry) >> 1 & (1 << banks) - 1 != 0)
        if int(entry) & 1:
            return walked
    raise AssertionError("no last pass")


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
    case = random_map_case(seed, frames=4, for_core=True)
    network, result = case.network, simulate(case.network, case.pixels)
    counts, engine = count_operations(network, result), counted_engine(network, result, case.lanes)
    for table in TABLES:
        spiking = price(spiking_work(network, counts, engine), table, 4)
        assert spiking.total == pytest.approx(spiking.fixed + spiking.per_spike)
        prices = {each.key: price(baseline_work(each, network, counts, engine), table, 4) for each in BASELINES}
        assert 0 <= prices["zero_skipping"].total <= prices["dense"].total
    shares = energy_account(network, counts, engine)["counts"]["layers"]  # type: ignore[index]
    assert all(0 <= layer["nonzero_input_share"] <= 1 and 0 <= layer["spike_rate"] <= 1 for layer in shares.values())
