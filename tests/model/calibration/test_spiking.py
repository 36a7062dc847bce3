"""One layer of causal neurons in torch against the definition and the golden simulator."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.calibration.images import inputs_of
from model.calibration.spiking import SpikingLayer, TanhSurrogate, integer_layers, step
from model.conversion.convert import convert
from model.conversion.trained import trained_numbers
from model.golden import simulate
from tests.model.calibration.small_networks import LEVELS, configuration, network
from tests.model.trained_networks import small_dataset


def _neuron(threshold: float, potential: float, negative: float | None = None) -> SpikingLayer:
    one = torch.ones(1, dtype=torch.float64)
    below = None if negative is None else one * negative
    return SpikingLayer(one[:, None], one * 0, one * potential, one * threshold, below)


def _train(layer: SpikingLayer, charges: list[float]) -> list[float]:
    return layer.fire(torch.tensor(charges, dtype=torch.float64)[:, None, None]).flatten().tolist()


@pytest.mark.parametrize(
    "charges, train",
    [
        ([2, -2], [1, 0]),
        ([-2, 10], [0, 1]),
        ([6, 6, -12], [1, 1, 0]),
        ([20, 0], [1, 1]),
        ([0, 0, 0, 2], [0, 0, 0, 1]),
        ([-3], [0]),
    ],
)
def test_plain_neuron(charges: list[float], train: list[float]) -> None:
    assert _train(_neuron(4, 2), charges) == train


@given(
    st.lists(st.integers(-60, 60), min_size=1, max_size=8),
    st.integers(1, 9),
    st.integers(-9, 9),
    st.one_of(st.none(), st.integers(1, 30)),
)
def test_definition(charges: list[int], threshold: int, start: int, negative: int | None) -> None:
    potential, train = start, []
    for charge in charges:
        potential += charge
        value = 0
        if potential >= threshold:
            potential, value = potential - threshold, 1
        if negative is not None and potential < -negative:
            potential, value = potential + negative, value - 1
        train.append(value)
    assert _train(_neuron(threshold, start, negative), list(map(float, charges))) == train


@given(st.floats(-20, 20, width=32), st.floats(0.125, 10, width=32))
def test_surrogate_spikes_like_the_step_and_learns_like_tanh(distance: float, slope: float) -> None:
    surrogate = TanhSurrogate()
    surrogate.slope.data.fill_(slope)
    x = torch.tensor(distance, requires_grad=True)
    value = surrogate(x)
    value.backward()
    assert value.item() == step(x.detach()).item() == float(distance >= 0)
    steepness = 0.5 * (1 - np.tanh(slope * distance) ** 2)
    assert x.grad is not None
    assert surrogate.slope.grad is not None
    np.testing.assert_allclose([x.grad.item(), surrogate.slope.grad.item()], [steepness * slope, steepness * distance], atol=1e-5)


@pytest.mark.parametrize("kind", ["clip", "leaky"])
def test_an_integer_network_is_simulated_as_by_the_golden_simulator(kind: str) -> None:
    config = configuration("dual-phase", kind)
    converted, _ = convert(config, trained_numbers(network(config, kind, LEVELS)), (4, 5))
    images = small_dataset().test.images
    golden = simulate(converted, images)
    source = torch.round(inputs_of(images, config.input.bits) * 7)[None]
    for layer, integers in zip(converted.hidden, integer_layers(converted), strict=True):
        assert integers.weights.dtype == torch.float32
        source = integers.fire(integers.charge(source, LEVELS))
        assert np.array_equal(source.numpy(), golden.layers[layer.name].spikes)
        assert source.any()
