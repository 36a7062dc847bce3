"""The plan of a core, its memory files and its top level, against values worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.base.errors import UserError
from model.base.files import read_json
from model.golden import simulate
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Neuron,
    NeuronMode,
    Synapses,
    WireCode,
    verify_network,
    with_proved_widths,
)
from rtl.core_plan import plan_core
from rtl.core_settings import CoreSettings
from rtl.engine_counts import ENGINE_COUNT_FIELDS, cycle_bound, predict_engine_counts
from rtl.folding import resolve_parallelism
from rtl.generate import generate_core
from sim.random_cases import case_of_name
from tests.rtl.audit_networks import multi_spike_network, signed_network
from tests.rtl.map_bench import CASES, network_of

NONE = np.zeros(0, dtype=np.int64)


def _network(code: WireCode = WireCode.BITS, levels: int = 3) -> Network:
    """Three pixels, three hidden neurons, two classes; every constant small enough to follow by hand."""
    steps = levels if code is WireCode.UNARY else levels.bit_length()
    hidden = Neuron(NeuronMode.DEFERRED, code, levels, steps, np.array([4, 5, 6]), np.array([2, -1, 0]), NONE, 0)
    readout = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, NONE, np.array([1, -2]), NONE, 0)
    weights = np.array([[1, -2, 3], [0, 7, -7], [5, 5, 5]])
    layers = (
        Layer("first", (Synapses("input", weights, 4),), hidden),
        Layer("last", (Synapses("first", np.array([[1, 0, -1], [2, 3, -3]]), 3),), readout),
    )
    return verify_network(with_proved_widths(Network("small", "pascal", Encoder((3,), 2, InputCode.BITS), layers)))


def test_parallelism_is_one_number_a_layer_never_beyond_its_neurons() -> None:
    network = _network()
    assert resolve_parallelism(network, "auto") == [3, 2]
    assert resolve_parallelism(network, 2) == [2, 2]
    assert resolve_parallelism(network, [1, 64]) == [1, 2]


def test_a_parallelism_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        resolve_parallelism(_network(), [1, 2, 3])
    assert str(caught.value) == (
        "hardware.parallelism is [1, 2, 3]; it needs one number for each of the 2 layers (first, last),"
        " or a single number, or 'auto'"
    )


def test_weight_rows_are_ordered_by_group_then_channel_with_lane_0_lowest(tmp_path: Path) -> None:
    generate_core(_network(), [2, 2], tmp_path)
    rows = (tmp_path / "memory" / "first_weights.mem").read_text().split()
    # Lanes of group 0 are neurons 0 and 1, of group 1 neuron 2 and a lane without a neuron.
    assert rows == ["01", "7e", "93", "05", "05", "05"]


def test_constants_are_the_offset_then_negated_thresholds_times_powers_of_two(tmp_path: Path) -> None:
    network = _network()
    bits = network.layers[0].neuron.potential_bits
    generate_core(network, [2, 2], tmp_path)
    words = [int(row, 16) for row in (tmp_path / "memory" / "first_constants.mem").read_text().split()]
    lanes = [[_signed(word >> lane * bits, bits) for lane in range(2)] for word in words]
    assert lanes == [[2, -1], [0, 0], [-8, -10], [-12, -1], [-4, -5], [-6, -1]]


def test_a_level_count_below_all_ones_gets_the_two_rows_that_hold_it(tmp_path: Path) -> None:
    network = _network(levels=2)
    bits = network.layers[0].neuron.potential_bits
    plan = generate_core(network, "auto", tmp_path)
    words = [int(row, 16) for row in (tmp_path / "memory" / "first_constants.mem").read_text().split()]
    lanes = [[_signed(word >> lane * bits, bits) for lane in range(3)] for word in words]
    assert plan.layers[0].saturates
    assert lanes == [[2 - 12, -1 - 15, 0 - 18], [12, 15, 18], [-8, -10, -12], [-4, -5, -6]]


def _rows(folder: Path, layer: str, lanes: int, bits: int) -> list[list[int]]:
    words = [int(row, 16) for row in (folder / "memory" / f"{layer}_constants.mem").read_text().split()]
    return [[_signed(word >> lane * bits, bits) for lane in range(lanes)] for word in words]


def test_a_division_starts_from_the_lowest_level_and_halves_its_multiples(tmp_path: Path) -> None:
    network = signed_network()
    plan = generate_core(network, [2, 2], tmp_path).layers[0]
    assert (plan.lowest, plan.highest, plan.fires, plan.fire_passes, plan.emission_passes) == (-2, 5, 3, 3, 0)
    assert (plan.level_bits, plan.magnitude_out_bits, plan.signed_out) == (4, 3, True)
    # Offsets 2, −1, 0, 3, −4 and two thresholds of 4, 5, 6, 7, 8; then 4, 2 and 1 thresholds. The lane without a neuron has
    # the threshold 1 and decides on level 0; the fourth group only fills the memory up.
    assert _rows(tmp_path, "first", 2, plan.potential_bits) == [
        [10, 9], [12, 17], [12, 2], [2, 2],
        [-16, -20], [-24, -28], [-32, -4], [-4, -4],
        [-8, -10], [-12, -14], [-16, -2], [-2, -2],
        [-4, -5], [-6, -7], [-8, -1], [-1, -1],
    ]  # fmt: skip


def test_a_leaky_layer_has_a_threshold_either_way_and_no_shift(tmp_path: Path) -> None:
    plan = generate_core(multi_spike_network(), [5, 2, 2], tmp_path)
    first, second, last = plan.layers
    assert _rows(tmp_path, "second", 2, second.potential_bits) == [[0, -1], [-3, -5], [7, 9]]
    assert _rows(tmp_path, "first", 5, first.potential_bits)[0] == [1 + 6, -1 + 8, 2 + 10, 12, 3 + 14]
    assert [layer.fires for layer in plan.layers] == [3, 2, 0]
    assert (second.signed_in, second.magnitude_in_bits, last.signed_in, last.magnitude_in_bits) == (True, 2, True, 1)


@pytest.mark.parametrize(
    "code, emission_passes, level_code", [(WireCode.UNARY, 4, 1), (WireCode.BITS, 2, 2), (WireCode.COUNT, 0, 0)]
)
def test_the_first_time_step_of_a_level_leaves_with_the_last_compare(
    code: WireCode, emission_passes: int, level_code: int
) -> None:
    plan = plan_core(signed_network(code), [2, 2]).layers[0]
    assert (plan.emission_passes, plan.level_code) == (emission_passes, level_code)
    passes = 10 + 2 + 3 + emission_passes
    assert cycle_bound(plan, np.array([10 * 3]), np.array([4])).tolist() == [passes * 3 + 4 + 16]


def test_direct_input_to_a_deferred_layer_is_refused() -> None:
    network = _network()
    direct = replace(network, encoder=replace(network.encoder, code=InputCode.DIRECT))
    with pytest.raises(UserError) as caught:
        plan_core(direct)
    assert str(caught.value) == (
        "layer first is deferred and has direct input; the engine adds a constant charge only for causal neurons:"
        " encode the input in bits or unary"
    )


def test_levels_beyond_what_a_level_register_holds_are_refused() -> None:
    network = signed_network()
    layer = network.layers[0]
    wide = replace(layer, neuron=replace(layer.neuron, lowest=-65))
    with pytest.raises(UserError) as caught:
        plan_core(replace(network, layers=(wide, *network.layers[1:])))
    assert str(caught.value) == ("layer first decides on -65 to 5; the engine keeps magnitudes of at most 64: take fewer levels")


def test_counts_of_packets_are_passes_and_events_apart() -> None:
    network = signed_network()
    plan = plan_core(network, [2, 1])
    result = simulate(network, np.array([[255, 64, 0]], dtype=np.uint8))
    # Levels 3, 1, 0, charge 1, 7, 20, −4, 12: V = 3, 6, 20, −1, 8, k = 0, 1, 3, −1, 1.
    assert result.layers["first"].spikes[0, 0].tolist() == [0, 1, 3, -1, 1]
    last = dict(zip(ENGINE_COUNT_FIELDS, predict_engine_counts(result, plan)["last"][0].tolist(), strict=True))
    # Passes: magnitudes 6, offset, hand-over; 2 groups, 2 neurons; one silent source.
    assert last == {"row_reads": 12, "potential_reads": 16, "potential_writes": 16, "executed_cycles": 16, "skipped_cycles": 2}


def _signed(word: int, bits: int) -> int:
    value = word & (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def test_the_top_level_only_instantiates(tmp_path: Path) -> None:
    generate_core(_network(), "auto", tmp_path)
    text = (tmp_path / "verilog" / "isospike_core.v").read_text()
    code = [line.split("//")[0] for line in text.splitlines()]
    assert not any(word in line for line in code for word in ("assign", "always", "reg ", "initial"))


def test_engine_counts_follow_from_the_golden_spikes() -> None:
    network = _network(WireCode.UNARY)
    plan = plan_core(network, [2, 1])
    # Levels 3, 1, 0: planes 100 and 110, so three input spikes. Charge 3·1 − 2 = 1, 7, 20: V = 3, 6, 20, k = 0, 1, 3.
    result = simulate(network, np.array([[255, 64, 0]], dtype=np.uint8))
    counts = predict_engine_counts(result, plan)
    first = dict(zip(ENGINE_COUNT_FIELDS, counts["first"][0].tolist(), strict=True))
    # Passes: 3 spikes, 1 doubling, 1 offset, 3 fires; 2 groups, 3 neurons.
    assert first == {"row_reads": 6, "potential_reads": 24, "potential_writes": 24, "executed_cycles": 16, "skipped_cycles": 6}
    last = dict(zip(ENGINE_COUNT_FIELDS, counts["last"][0].tolist(), strict=True))
    # Passes: 4 spikes, offset, hand-over; 2 groups, 2 neurons; 3 steps of 3 sources, 4 of them not silent.
    assert last == {"row_reads": 8, "potential_reads": 12, "potential_writes": 12, "executed_cycles": 12, "skipped_cycles": 10}


def test_the_cycle_bound_charges_a_pass_for_events_and_a_cycle_for_spikes_sent() -> None:
    plan = plan_core(_network(), [2, 2]).layers[0]
    assert cycle_bound(plan, np.array([10 * 2]), np.array([4])).tolist() == [(10 + 2) * 2 + 4 + 2 * 2 + 16]


def test_a_readout_of_several_groups_may_take_time_to_hand_over_its_scores() -> None:
    several, one = plan_core(_network(), [3, 1]).layers[1], plan_core(_network(), [3, 2]).layers[1]
    assert cycle_bound(several, np.array([10 * 2]), np.array([0])).tolist() == [(10 + 2) * 2 + 2 + 3 * 2 + 16]
    assert cycle_bound(one, np.array([10]), np.array([0])).tolist() == [10 + 2 + 16]


@pytest.mark.parametrize(
    "lanes, banks",
    [
        (4, (4, 1, 1, 2)),
        (5, (5, 1, 1, 1)),
        (14, (5, 1, 1, 1)),
        (15, (5, 1, 3, 1)),
        (44, (5, 1, 3, 1)),
        (45, (5, 3, 3, 1)),
        (1000, (5, 3, 3, 1)),
    ],
)
def test_lanes_of_a_map_go_to_channels_then_a_row_of_the_window_then_all_of_it(
    lanes: int, banks: tuple[int, int, int, int]
) -> None:
    plan = plan_core(network_of(CASES[0]), [1, lanes, 1]).layers[1]
    assert plan.map is not None
    found = plan.map.banks
    assert (found.lanes, found.rows, found.columns, found.groups) == banks
    assert plan.lanes == found.lanes * found.count


def test_events_cost_a_map_their_passes_and_the_scan_costs_its_words() -> None:
    case = CASES[2]
    plan = plan_core(network_of(case), [1, case.lanes, 1]).layers[1]
    assert plan.map is not None
    # A window of 2 by 3 places, one bank, three groups of lanes: 18 passes inside, at the borders what is left of them.
    passes = plan.map.synapses[0].passes()
    assert passes[0].tolist() == [[6, 9, 9, 6], *[[12, 18, 18, 12]] * 3, [6, 9, 9, 6]]
    assert plan.map.scan_cycles == 3 * 4 * 4
    assert cycle_bound(plan, np.array([100]), np.array([7])).tolist() == [100 + 7 + 2 + 1 + 48 + plan.fires + 30]


def test_markers_of_every_source_of_a_map_count() -> None:
    case = case_of_name("maps-1158")
    plan = plan_core(case.network, case.lanes, settings=case.settings).layers[2]
    assert plan.map is not None
    steps = [case.network.source_steps(group.source) for group in case.network.layers[2].synapses]
    assert (steps, plan.markers_in) == ([3, 32], 35)
    scan = plan.map.scan_cycles + plan.fires + 30
    assert cycle_bound(plan, np.array([100]), np.array([7])).tolist() == [100 + 7 + 35 + plan.time_steps + scan]


def test_a_decision_of_many_stages_takes_a_scan_as_many_cycles_more() -> None:
    plan = plan_core(network_of(CASES[2]), [1, 1, 1]).layers[1]
    few, many = (cycle_bound(replace(plan, fires=stages), np.array([0]), np.array([0])) for stages in (3, 22))
    assert int(many[0] - few[0]) == 19


@pytest.mark.parametrize("buffers", [1, 2])
def test_every_layer_of_a_map_holds_as_many_frames_as_asked(buffers: int, tmp_path: Path) -> None:
    network = network_of(CASES[0])
    plan = generate_core(network, [1, 45, 1], tmp_path, settings=CoreSettings(buffers))
    text = (tmp_path / "verilog" / "isospike_core.v").read_text()
    assert text.count(f".BUFFERS({buffers})") == text.count("map_neurons #(") == 2
    assert read_json(tmp_path / "rtl.json")["potential_buffers"] == plan.potential_buffers == buffers


def test_a_readout_of_two_sources_is_refused() -> None:
    network = network_of(CASES[0])
    readout = network.layers[-1]
    doubled = replace(readout, synapses=readout.synapses * 2)
    with pytest.raises(UserError) as caught:
        plan_core(replace(network, layers=(*network.layers[:-1], doubled)))
    assert str(caught.value) == (
        "layer readout is a readout of 2 sources; the engine has a link for one: add the sources in a layer before it"
    )
