"""What holds for the energy of every network."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.energy import BASELINES, TABLES, EngineCounts, baseline_work, break_even, price, spiking_work
from model.energy.account import measured_activity
from model.energy.tables import access_energy, add_energy, multiply_energy
from model.golden import count_operations, simulate
from rtl.core_plan import plan_core
from rtl.engine_counts import predict_engine_counts
from sim.random_networks import RandomCase, random_case


def engine_of(case: RandomCase) -> dict[str, EngineCounts]:
    plan = plan_core(case.network, list(case.lanes))
    counts = predict_engine_counts(simulate(case.network, case.pixels), plan)
    totals = {name: [int(total) for total in of_layer.sum(axis=0)] for name, of_layer in counts.items()}
    return {layer.name: EngineCounts(layer.lanes, *totals[layer.name]) for layer in plan.layers}


@given(st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_prices_split_and_order_as_they_must(seed: int) -> None:
    case = random_case(seed, frames=5)
    network, result = case.network, simulate(case.network, case.pixels)
    counts, engine = count_operations(network, result), engine_of(case)
    for table in TABLES:
        spiking = price(spiking_work(network, counts, engine), table, 5)
        assert spiking.total == pytest.approx(spiking.fixed + spiking.per_spike)
        prices = {b.key: price(baseline_work(b, network, counts, engine), table, 5) for b in BASELINES}
        assert 0 <= prices["zero_skipping"].total <= prices["dense"].total
        for other in prices.values():
            found = break_even(spiking, other, measured_activity(network, counts))
            if found.spikes_per_synapse is not None:
                factor = found.spikes_per_synapse / found.measured_spikes_per_synapse
                assert spiking.fixed + factor * spiking.per_spike == pytest.approx(other.total)


@given(st.integers(0, 64), st.integers(1, 64), st.integers(1, 2**24))
def test_wider_and_larger_never_costs_less(bits: int, other_bits: int, store_bits: int) -> None:
    assert add_energy(bits) < add_energy(bits + 1)
    assert multiply_energy(bits, other_bits) <= multiply_energy(bits + 1, other_bits)
    assert access_energy(16, store_bits) < access_energy(17, store_bits)
    assert access_energy(16, store_bits) < access_energy(16, store_bits + 1)
