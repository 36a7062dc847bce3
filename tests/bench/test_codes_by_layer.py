"""Costs of wire codes: the same integers, and the costs that a hand can count."""

from __future__ import annotations

import numpy as np
import pytest

from bench.codes_by_layer import CODES, compare, costs, recoded
from model.integer_network import Encoder, InputCode, Network, WireCode
from tests.model.networks import chain, deferred, readout


def one_neuron(levels: int) -> Network:
    """A neuron whose level is the pixel's, and a readout of it."""
    weight = np.ones((1, 1), dtype=np.int64)
    hidden = deferred(WireCode.UNARY, levels, np.array([1]), np.array([0]))
    return chain(Encoder((1, 1), 4, InputCode.BITS), [weight, weight], [hidden, readout(np.array([0]))])


@pytest.mark.parametrize("code,accumulates", [(WireCode.UNARY, 11), (WireCode.BITS, 3), (WireCode.COUNT, 11)])
def test_a_level_of_eleven_costs_its_spikes(code: WireCode, accumulates: int) -> None:
    found, scores = costs(recoded(one_neuron(15), code), np.array([[[11 << 4]]], dtype=np.uint8))
    assert found["readout"].accumulates == accumulates
    assert found["hidden1"].accumulates == 3
    assert scores[0].tolist() == [[11]]


def test_every_code_has_a_column_and_a_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    compare(one_neuron(15), np.array([[[11 << 4]]], dtype=np.uint8))
    printed = capsys.readouterr().out
    assert all(str(code) in printed for code in CODES)
    assert "  readout             11           3          11           3.67" in printed
