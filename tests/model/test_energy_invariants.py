"""What holds for the energy of every network."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.energy import BASELINES, TABLES, baseline_work, break_even, price, spiking_work
from model.energy.account import measured_activity
from model.energy.tables import access_energy, add_energy, multiply_energy
from model.golden import count_operations, simulate
from sim.random_networks import random_case
from tests.model.counted_engine import counted_engine


@given(st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_prices_split_and_order_as_they_must(seed: int) -> None:
    case = random_case(seed, frames=5)
    network, result = case.network, simulate(case.network, case.pixels)
    counts, engine = count_operations(network, result), counted_engine(network, result, case.lanes)
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
