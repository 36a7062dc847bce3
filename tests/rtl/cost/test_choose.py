from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from model.base.errors import EquivalenceError, UserError
from model.config.target import parse_target
from model.golden import input_levels, simulate
from model.integer_network import Network
from model.reference import evaluate_reference
from rtl.charge_network.stages import pipeline
from rtl.charges import charges_of
from rtl.core_plan import plan_core
from rtl.core_settings import DEFAULT_SETTINGS
from rtl.cost.area import predict_area
from rtl.cost.choice import Given, candidates
from rtl.cost.choose import Folding, choose
from rtl.cost.goal import rank
from rtl.cost.model import CostModel, recode
from rtl.cost.search import EXHAUSTIVE
from rtl.cost.step import check_recoded
from rtl.cycles import predict_core_cycles
from tests.rtl.cost.networks import causal_network, pixels_of, small_network


def folded(target: str, network: Network | None = None, **given: Any) -> Folding:
    network = network or small_network()
    wanted = parse_target(target)
    assert wanted is not None
    return choose(network, pixels_of(network), Given.of(network, **given), wanted)


@pytest.fixture(scope="module")
def model() -> CostModel:
    """All choices of the small network."""
    network = small_network()
    found = CostModel(network, pixels_of(network), Given.of(network))
    for choice in itertools.product(*candidates(network, Given.of(network))):
        found.cost(choice)
    return found


@pytest.mark.parametrize("target", ["cycles=60", "cycles=200", "luts=900", "balanced", "device=xc7a12t"])
def test_exchanging_layers_finds_what_trying_all_finds(target: str, model: CostModel) -> None:
    wanted = parse_target(target)
    assert wanted is not None
    best = min(rank(wanted, cost) for cost in model.evaluated.values() if cost is not None)
    found = folded(target)
    assert EXHAUSTIVE < len(model.evaluated) > found.tried
    assert rank(wanted, found.cost) == pytest.approx(best, rel=0.03)


def test_few_choices_are_tried_one_and_all() -> None:
    found = folded("cycles=200", engine="event", codes=[False, False])
    assert found.tried == 6 * 5 * 3
    assert found.cost.latency <= 200


def test_more_cycles_never_cost_more_tables_and_more_tables_never_more_cycles(model: CostModel) -> None:
    event: dict[str, Any] = {"engine": "event"}
    tables = [folded(f"cycles={number}", **event).cost.lut for number in (120, 160, 250, 400, 800)]
    assert tables == sorted(tables, reverse=True)
    assert len(set(tables)) > 2
    smallest = min(
        cost.lut
        for choice, cost in model.evaluated.items()
        if cost is not None and {chosen.engine for chosen in choice} == {"event"}
    )
    cycles = [folded(f"luts={smallest * more:.0f}", **event).cost.latency for more in (1.05, 1.2, 1.5, 2, 3)]
    assert cycles == sorted(cycles, reverse=True)
    assert len(set(cycles)) > 2


def test_predictions_are_those_of_the_core_that_was_chosen() -> None:
    found = folded("cycles=120")
    charges = charges_of(found.network, found.plan)
    stages = {name: pipeline(sums, DEFAULT_SETTINGS.logic_levels).count for name, (sums, _) in charges.items()}
    cycles = predict_core_cycles(simulate(found.network, pixels_of(found.network)), found.plan, stages)
    assert np.array_equal(cycles.latency, found.cycles.latency)
    assert np.array_equal(cycles.interval, found.cycles.interval)
    assert float(np.median(cycles.latency)) == found.cost.latency <= 120
    area = predict_area(found.network, found.plan)
    assert area.lut == pytest.approx(found.cost.lut)
    assert sum(area.layers.values()) == pytest.approx(area.lut)
    lanes, engines = [choice.lanes for choice in found.choice], [choice.engine for choice in found.choice]
    assert plan_core(found.network, lanes, engine=engines).as_dict() == found.plan.as_dict()


def test_network_with_other_codes_is_the_same_function() -> None:
    network = small_network()
    other = recode(network, ["count", "bits", "none"])
    assert other is not None
    assert [str(layer.neuron.code) for layer in other.layers] == ["count", "bits", "none"]
    levels = input_levels(pixels_of(network), network.encoder)
    before, after = evaluate_reference(network, levels), evaluate_reference(other, levels)
    assert np.array_equal(before.scores, after.scores)
    check_recoded(network, other, pixels_of(network))


@pytest.mark.parametrize("what", ["weights", "threshold", "offset"])
def test_a_number_that_differs_after_recoding_is_named(what: str) -> None:
    network, changed = small_network(), small_network()
    layer = changed.layers[1]
    values = layer.synapses[0].weights if what == "weights" else getattr(layer.neuron, what)
    values.flags.writeable = True
    values.flat[0] += 1
    with pytest.raises(EquivalenceError) as caught:
        check_recoded(network, changed, pixels_of(network))
    assert str(caught.value) == f"fold: layer hidden2: {what} differ from those of the convert step"


def test_engines_are_chosen_and_given_ones_hold() -> None:
    fast = folded("cycles=45")
    assert "unrolled" in {choice.engine for choice in fast.choice}
    event = folded("balanced", engine="event")
    assert {choice.engine for choice in event.choice} == {"event"}
    assert event.cost.lut * event.cost.latency >= folded("balanced").cost.lut * folded("balanced").cost.latency
    given = folded("balanced", engine=["event", "unrolled", "event"], parallelism=[3, 1, 2], codes=[False, False])
    assert [str(choice) for choice in given.choice] == ["3 lanes bits", "unrolled unary", "2 lanes"]


def test_causal_network_is_folded_by_its_lanes() -> None:
    smallest, fastest = folded("luts=100000", causal_network()), folded("cycles=100000", causal_network())
    assert smallest.cost.latency <= fastest.cost.latency
    assert smallest.cost.lut >= fastest.cost.lut


def test_the_reason_is_one_line() -> None:
    found = folded("cycles=120")
    assert found.reason == (
        f"{', '.join(f'{layer.name} {choice}' for layer, choice in zip(found.network.layers, found.choice, strict=True))}:"
        f" fewest LUT with at most 120 cycles of {found.tried:,} choices, {found.cost.latency:,g} cycles and"
        f" {found.cost.lut:,.0f} LUT predicted"
    )
    for _, cost in found.alternatives:
        assert cost.lut < found.cost.lut or cost.latency < found.cost.latency


def test_a_target_of_cycles_that_cannot_be_met_names_the_nearest(model: CostModel) -> None:
    fewest = min(cost.latency for cost in model.evaluated.values() if cost is not None)
    with pytest.raises(UserError) as caught:
        folded("cycles=3")
    text = str(caught.value)
    least = -int(-fewest // 1)
    start = f"hardware.target is cycles=3, which no choice meets; the fewest cycles are {least}: ask for cycles={least} or more ("
    assert text.startswith(start)
    assert text.endswith("LUT predicted)")
    assert "\n" not in text
    assert folded(f"cycles={least}").cost.latency == fewest


def test_a_target_of_tables_that_cannot_be_met_names_the_nearest(model: CostModel) -> None:
    smallest = min(cost.lut for cost in model.evaluated.values() if cost is not None)
    least = -int(-smallest // 1)
    with pytest.raises(UserError) as caught:
        folded("luts=10")
    start = (
        f"hardware.target is luts=10, which no choice meets; the smallest core takes {least:,} LUT: ask for luts={least} or more"
    )
    assert str(caught.value).startswith(start)
    assert folded(f"luts={least}").cost.lut == pytest.approx(smallest)
