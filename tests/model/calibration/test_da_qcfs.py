"""The distribution-aware staircase, its running means, and amplitudes folded into consumers."""

from fractions import Fraction
from math import floor

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from model.calibration.da_qcfs import Staircase, calibrated, channel_clip, with_amplitudes

QUARTERS = st.integers(-400, 400).map(lambda count: count / 4)


def _staircase(clip: list[float], levels: int) -> Staircase:
    theta = torch.tensor(clip, dtype=torch.float64)
    return Staircase(theta, torch.zeros_like(theta), torch.zeros_like(theta), levels)


def _batches(images: int, count: int) -> list[Tensor]:
    return [torch.arange(images)] * count


@given(
    QUARTERS, st.sampled_from([0.5, 1.0, 4.0, 16.0]), st.sampled_from([-0.5, 0.0, 0.25]), QUARTERS, st.sampled_from([1, 2, 4, 8])
)
def test_formula(z: float, clip: float, before: float, after: float, levels: int) -> None:
    one = torch.ones(1, dtype=torch.float64)
    staircase = Staircase(clip * one, before * one, after * one, levels)
    theta, amplitude = Fraction(clip), max(Fraction(clip) + Fraction(after), Fraction(0))
    level = min(max(floor(((Fraction(z) + Fraction(before)) * levels + theta / 2) / theta), 0), levels)
    assert staircase.level(z * one[None]).item() == level
    assert Fraction(staircase.output(z * one[None]).item()) == amplitude * level / levels


def test_equal_distributions_leave_psi_and_phi_at_zero() -> None:
    start = _staircase([2.0, 4.0], 8)
    z = torch.randint(-4, 12, (50, 2), generator=torch.Generator().manual_seed(1)).double() * start.clip / 8
    found = calibrated(start, z, start.output(z), z, 0.99, _batches(50, 100))
    assert torch.equal(found.before, torch.zeros(2, dtype=torch.float64))
    assert torch.equal(found.after, torch.zeros(2, dtype=torch.float64))


def test_psi_is_the_running_mean_of_what_the_student_lacks() -> None:
    start = _staircase([1.0], 4)
    teacher, student = torch.tensor([[1.0], [3.0]]).double(), torch.tensor([[0.5], [1.5]]).double()
    found = calibrated(start, teacher, teacher, student, 0.75, [torch.tensor([0]), torch.tensor([1]), torch.tensor([0, 1])])
    assert found.before.item() == 0.75 * (0.75 * 0.125 + 0.375) + 0.25


def test_calibration_brings_the_mean_output_nearer_to_the_teachers() -> None:
    """Not all the way: φ is what the output lacks, but it counts only as far as a channel is active."""
    generator = torch.Generator().manual_seed(2)
    teacher = torch.randn(4000, 6, generator=generator, dtype=torch.float64)
    student = 0.9 * teacher + 0.1 * torch.rand(6, generator=generator, dtype=torch.float64) - 0.2
    clip = channel_clip(teacher.relu(), 1.0)
    answer = torch.minimum(teacher.relu(), clip)
    start = Staircase(clip, torch.zeros_like(clip), torch.zeros_like(clip), 4)
    found = calibrated(start, teacher, answer, student, 0.99, _batches(4000, 700))

    def error(staircase: Staircase) -> Tensor:
        return (answer.mean(dim=0) - staircase.output(student).mean(dim=0)).abs()

    only_before = Staircase(clip, found.before, 0 * clip, 4)
    assert (error(only_before) < 0.6 * error(start)).all()
    assert (error(found) < error(only_before)).all()


@given(
    st.lists(st.integers(-7, 7), min_size=6, max_size=6), st.lists(st.integers(0, 64), min_size=3, max_size=3), st.integers(0, 99)
)
def test_amplitudes_in_the_weights_are_the_amplitudes_of_the_sources(weights: list[int], after: list[int], seed: int) -> None:
    """Dyadic numbers, so that the equality is exact."""
    consumer = torch.tensor(weights, dtype=torch.float64).reshape(2, 3)
    one = torch.ones(3, dtype=torch.float64)
    staircase = Staircase(4 * one, 0 * one, torch.tensor(after, dtype=torch.float64) / 16 - 2, 8)
    z = torch.randint(-20, 60, (30, 3), generator=torch.Generator().manual_seed(seed)).double() / 8
    reference = 8.0
    heard = staircase.level(z) * (reference / 8) @ with_amplitudes(consumer, staircase.amplitude, reference).T
    assert torch.equal(heard, staircase.output(z) @ consumer.T)


def test_clip_of_channels() -> None:
    activations = torch.tensor([[0.0, 0.0, 3.0], [0.0, 5.0, 1.0], [0.0, 1.0, 2.0], [0.0, 2.0, 4.0]])
    assert channel_clip(activations, 1.0).tolist() == [4.5, 5.0, 4.0]
    assert channel_clip(activations, 0.5).tolist() == [2.5, 2.0, 3.0]
    assert channel_clip(torch.zeros(4, 2), 1.0).tolist() == [1.0, 1.0]


def test_the_amplitude_is_never_negative() -> None:
    one = torch.ones(1)
    assert Staircase(one, 0 * one, -2 * one, 4).amplitude.tolist() == [0.0]


@pytest.mark.parametrize("quantile", [1.0, 0.9])
def test_a_quantile_is_a_value_of_the_channel(quantile: float) -> None:
    activations = torch.rand(100, 4, generator=torch.Generator().manual_seed(3))
    clip = channel_clip(activations, quantile)
    assert ((activations == clip).sum(dim=0) == 1).all()
    above = (activations > clip).sum(dim=0).tolist()
    assert above == ([0] * 4 if quantile == 1.0 else [10] * 4)
