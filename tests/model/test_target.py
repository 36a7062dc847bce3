from __future__ import annotations

import pytest

from model.config.target import DEVICES, Target, parse_target
from rtl.estimate.parts import FAMILIES


@pytest.mark.parametrize(
    "text, target",
    [
        ("off", None),
        ("balanced", Target("balanced")),
        ("cycles=100", Target("cycles", number=100)),
        ("luts=2500", Target("luts", number=2500)),
        ("device=up5k", Target("device", device="up5k")),
    ],
)
def test_targets_are_read(text: str, target: Target | None) -> None:
    assert parse_target(text) == target
    assert target is None or str(target) == text


@pytest.mark.parametrize(
    "text", ["", "cycles", "cycles=", "cycles=0", "cycles=-5", "luts=1e3", "fast", "balanced=1", "cycles=1000000000"]
)
def test_what_is_no_target_is_told_what_is(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"^legal are off, balanced, cycles=N, luts=N or device=NAME, with N from 1 to 999999999$"
    ):
        parse_target(text)


def test_devices_are_those_that_have_parts() -> None:
    assert {name: tuple(part.name for part in family.parts) for name, family in FAMILIES.items()} == DEVICES
    with pytest.raises(ValueError, match=r"^no such device; legal are xc7a12t, xc7a15t, .*, hx8k$"):
        parse_target("device=xc7z020")


@pytest.mark.parametrize("device, family", [("xc7a35t", "xc7"), ("45k", "ecp5"), ("lp384", "ice40"), ("", "xc7")])
def test_family_of_a_device(device: str, family: str) -> None:
    assert Target("device", device=device).family == family
