"""The monitors see a core that breaks the rules of its links and streams, and a core that is dead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from model.golden import save_golden, simulate
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Neuron,
    NeuronMode,
    Synapses,
    WireCode,
    save_network,
    with_proved_widths,
)
from rtl.generate import generate_core
from sim.plan import Run
from sim.simulation import Inputs, Outcome, simulate_core

DESIGN = Path(__file__).parent / "design" / "misbehaving_core.v"
CHANNEL_CHANGES, EVENT_VANISHES, RESULT_CHANGES, NO_ANSWER, SIGN_CHANGES, MAGNITUDE_CHANGES, TWO_SPIKES = range(1, 8)
LINK_COLUMNS = "image 1 layer input markers, fault, broken, stray, surplus neuron"
BEHAVED = 0
STALLING = Run("stalling", stall_percent=80)


@dataclass(frozen=True)
class Misbehaving:
    """A bench around the misbehaving core; a pixel of each frame chooses the rule that it breaks."""

    inputs: Inputs
    compiled: Path

    def run(self, rules: list[int], work: Path) -> Outcome:
        pixels = np.zeros((len(rules), 8), dtype=np.uint8)
        pixels[:, 0] = rules
        inputs = replace(self.inputs, pixels=pixels, golden=work / "golden.npz")
        work.mkdir(exist_ok=True)
        save_golden(simulate(readout_alone(), pixels), inputs.golden)
        return simulate_core(inputs, (STALLING,), seed=1, work=work, processes=1, compiled=self.compiled)


def readout_alone() -> Network:
    empty = np.zeros(0, dtype=np.int64)
    neuron = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, empty, np.zeros(2, dtype=np.int64), empty, 32)
    synapses = Synapses("input", np.ones((2, 8), dtype=np.int64), 4)
    network = Network("alone", "pascal", Encoder((8,), 1, InputCode.BITS), (Layer("readout", (synapses,), neuron),))
    return with_proved_widths(network)


@pytest.fixture(scope="module")
def misbehaving(tmp_path_factory: pytest.TempPathFactory) -> Misbehaving:
    folder = tmp_path_factory.mktemp("misbehaving")
    network = readout_alone()
    save_network(network, folder / "network.safetensors")
    generate_core(network, "auto", folder / "rtl")
    for path in (folder / "rtl" / "verilog").glob("*.v"):
        if path.name != "isospike_core.v":
            path.write_text("")
    (folder / "rtl" / "verilog" / "isospike_core.v").write_text(DESIGN.read_text())
    inputs = Inputs(folder / "network.safetensors", folder / "golden.npz", folder / "rtl", np.zeros((1, 8), dtype=np.uint8))
    save_golden(simulate(network, inputs.pixels), inputs.golden)
    outcome = simulate_core(inputs, (STALLING,), seed=1, work=folder / "work", quick=True)
    assert "the bench compiles" in {check.name for check in outcome.checks if check.passed}
    return Misbehaving(inputs, folder / "work" / "compile")


def details(outcome: Outcome) -> dict[str, str]:
    return {check.name: check.detail for check in outcome.failed}


def test_a_core_that_keeps_the_rules_breaks_none(misbehaving: Misbehaving, tmp_path: Path) -> None:
    failed = details(misbehaving.run([BEHAVED, BEHAVED], tmp_path / "work"))
    assert "stalling: link from input" not in failed
    assert "stalling: packets" not in failed
    assert "stalling: every frame is answered" not in failed


@pytest.mark.parametrize("rule", [CHANNEL_CHANGES, EVENT_VANISHES, SIGN_CHANGES, MAGNITUDE_CHANGES])
def test_an_event_that_changes_or_vanishes_before_it_is_taken_is_seen(
    rule: int, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    failed = details(misbehaving.run([BEHAVED, rule], tmp_path / "work"))
    assert f"{LINK_COLUMNS} 2: expected 0, got" in failed["stalling: link from input"]


def test_two_spikes_that_cancel_are_seen(misbehaving: Misbehaving, tmp_path: Path) -> None:
    failed = details(misbehaving.run([BEHAVED, TWO_SPIKES], tmp_path / "work"))
    assert "image 0 " in failed["stalling: spikes of input"]
    assert failed["stalling: spikes of input"].startswith("1 of 16 values differ")
    assert f"{LINK_COLUMNS} 4: expected 0, got 1" in failed["stalling: link from input"]


def test_a_result_that_changes_before_it_is_taken_is_seen(misbehaving: Misbehaving, tmp_path: Path) -> None:
    failed = details(misbehaving.run([BEHAVED, RESULT_CHANGES], tmp_path / "work"))
    where = "image 1 layer packet beats, TUSER, changed, values of a wrong frame neuron 2"
    assert f"{where}: expected 0" in failed["stalling: packets"]


def test_a_dead_core_is_reported_as_stuck_with_the_frame(misbehaving: Misbehaving, tmp_path: Path) -> None:
    outcome = misbehaving.run([BEHAVED, NO_ANSWER], tmp_path / "work")
    failed = details(outcome)
    said = "1 of 2 cases: the core is stuck: 1 of 2 packets, then nothing moved for"
    assert failed["stalling: every frame is answered"].startswith(said)
    assert next(check.image for check in outcome.failed if check.name == "stalling: every frame is answered") == 1


def test_spikes_that_golden_does_not_have_are_mismatches(misbehaving: Misbehaving, tmp_path: Path) -> None:
    failed = details(misbehaving.run([BEHAVED], tmp_path / "work"))
    assert "layer input time step 0 neuron 0: expected 0, got 1" in failed["stalling: spikes of input"]
