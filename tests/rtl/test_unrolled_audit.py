"""The audit passes unrolled layers of every code beside event layers, and finds what was changed in one."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from model.base.errors import UserError
from model.integer_network import InputCode, Network, WireCode
from rtl.audit import audit_core
from rtl.core_plan import plan_core
from rtl.core_settings import CoreSettings
from rtl.generate import generate_core
from tests.rtl.audit_networks import causal_network, deferred_network, multi_spike_network, signed_network

BOTH = ["unrolled", "unrolled"]


@pytest.mark.parametrize(
    "network, engines",
    [
        (deferred_network(), BOTH),
        (deferred_network(WireCode.UNARY, levels=4, encoder=InputCode.UNARY), BOTH),
        (deferred_network(WireCode.COUNT), ["unrolled", "event"]),
        (signed_network(WireCode.COUNT), ["event", "unrolled"]),
        (signed_network(WireCode.UNARY), ["unrolled", "event"]),
        (signed_network(WireCode.BITS), BOTH),
        (causal_network(), ["event", "event", "unrolled"]),
        (multi_spike_network(), ["event", "event", "unrolled"]),
    ],
    ids=[
        "held levels", "unary", "count before events", "signed count after events", "signed unary before events", "signed bits",
        "after causal spikes", "after multi-spikes",
    ],
)  # fmt: skip
def test_a_generated_core_passes(network: Network, engines: list[str], tmp_path: Path) -> None:
    generate_core(network, "auto", tmp_path, engine=engines)
    result = audit_core(tmp_path, network)
    assert result.mismatches == ()
    assert result.passed
    assert result.wired_weights > 0


def test_a_core_that_takes_whole_frames_passes(tmp_path: Path) -> None:
    plan = generate_core(deferred_network(), "auto", tmp_path, engine="unrolled", settings=CoreSettings(port="frame"))
    assert (plan.beats, plan.beat_bits, plan.packet_bits) == (1, 24, 96)
    assert audit_core(tmp_path, deferred_network()).mismatches == ()
    path = tmp_path / "verilog" / "isospike_core.v"
    path.write_text(path.read_text().replace("[95:0] m_axis_tdata", "[63:0] m_axis_tdata"))
    mismatches = audit_core(tmp_path, deferred_network()).mismatches
    assert "module isospike_core: port m_axis_tdata: expected output of 96 bits, found output of 64 bits" in mismatches


def test_whole_frames_for_an_event_engine_are_refused() -> None:
    with pytest.raises(UserError, match=r"hardware\.port is frame, but the first layer and the readout are not both unrolled"):
        plan_core(deferred_network(), engine=["event", "unrolled"], settings=CoreSettings(port="frame"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    generate_core(deferred_network(), "auto", folder, engine=BOTH)
    return folder


@pytest.mark.parametrize(
    "file, pattern, replacement, expected",
    [
        ("charge_of_first.v", r"\bbits\[0\]", "bits[1]", r"module charge_of_first: neuron \d bit 0: expected weight -?\d, found"),
        ("charge_of_last.v", r"assign", "assign charges[0] = bits[0]; assign", r"module charge_of_last: line \d+: an assignment"),
        ("isospike_core.v", r"(THRESHOLDS\(\d+'h)(.)", r"\g<1>f", r"instance u_decision_first: parameter THRESHOLDS: expected"),
        ("isospike_core.v", r"(CONSTANTS\(\d+'h)(.)", r"\g<1>0", r"instance u_scores_last: parameter CONSTANTS: expected"),
        ("isospike_core.v", r"\.DOUBLING\(1\)", ".DOUBLING(0)", r"u_potentials_first: parameter DOUBLING: expected 1, found 0"),
        ("isospike_core.v", r"\.CODE\(2\)", ".CODE(1)", r"instance u_decision_first: parameter CODE: expected 2, found 1"),
        ("isospike_core.v", r"\.INTERVAL\(3\)", ".INTERVAL(2)", r"instance u_encoder: parameter INTERVAL: expected 3, found 2"),
        ("isospike_core.v", r"(FRAME_BITS\()2(\)\s*\) u_queue)", r"\g<1>1\2", r"u_queue: parameter FRAME_BITS: expected 2"),
        ("isospike_core.v", r"(PACED\()1(\)\s*\) u_sender)", r"\g<1>0\2", r"u_sender_first: parameter PACED: expected 1"),
    ],
    ids=["weight", "sum", "threshold", "offset", "doubling", "code", "interval", "queue", "pace"],
)  # fmt: skip
def test_a_change_is_found_and_named(
    file: str, pattern: str, replacement: str, expected: str, sound: Path, tmp_path: Path
) -> None:
    core = shutil.copytree(sound, tmp_path / "core")
    path = core / "verilog" / file
    text, count = re.subn(pattern, replacement, path.read_text(), count=1)
    assert count == 1, f"{file} has no {pattern}"
    path.write_text(text)
    result = audit_core(core, deferred_network())
    assert not result.passed
    assert any(re.search(expected, line) for line in result.mismatches), result.mismatches


@pytest.mark.parametrize(
    "before, after, expected",
    [
        ("PLANES(1)", "PLANES(0)", "module event_layer: instance u_layer_first: parameter PLANES: expected 1, found 0"),
        ("LANES(2)", "LANES(3)", "module event_layer: instance u_layer_first: parameter LANES: expected 2, found 3"),
        (
            "wire [14:0] link1_plane;", "wire [11:0] link1_plane;",
            "module event_layer: instance u_layer_first: port out_magnitude: expected 15 bits, found 12",
        ),
        ("unobserved #(.WIDTH(3)) u_c", "unobserved #(.WIDTH(2)) u_c", "u_channel_first: parameter WIDTH: expected 3, found 2"),
    ],
    ids=["events", "lanes", "width", "channel"],
)  # fmt: skip
def test_a_change_of_the_words_before_an_unrolled_layer_is_found(before: str, after: str, expected: str, tmp_path: Path) -> None:
    network = signed_network(WireCode.COUNT)
    generate_core(network, [2, 2], tmp_path, engine=["event", "unrolled"])
    assert audit_core(tmp_path, network).mismatches == ()
    path = tmp_path / "verilog" / "isospike_core.v"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    assert any(expected in line for line in audit_core(tmp_path, network).mismatches)


def test_a_narrower_sum_is_found(sound: Path, tmp_path: Path) -> None:
    core = shutil.copytree(sound, tmp_path / "core")
    path = core / "verilog" / "charge_of_last.v"
    path.unlink()
    result = audit_core(core, deferred_network())
    assert "module charge_of_last: expected a file charge_of_last.v, found none" in result.mismatches


@pytest.mark.parametrize(
    "network, engine, expected",
    [
        (
            causal_network(),
            "unrolled",
            "layer first cannot be unrolled, since its neurons are causal (method opi); the unrolled engine builds dense deferred"
            " layers and readouts: set hardware.engine to event for it",
        ),
        (
            deferred_network(),
            ["event"],
            "hardware.engine is ['event']; it needs one engine for each of the 2 layers (first, last), or a single one",
        ),
    ],
    ids=["causal", "too few"],
)
def test_what_cannot_be_unrolled_is_refused_by_name(network: Network, engine: str | list[str], expected: str) -> None:
    with pytest.raises(UserError) as caught:
        plan_core(network, engine=engine)
    assert str(caught.value) == expected
