"""The fold step: what it hands on, and that the rtl step builds what it chose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.base.errors import UserError
from model.base.files import read_json, write_json
from model.config.schema import Configuration
from model.data.dataset import Dataset, Part, save_dataset
from model.integer_network import load_network, network_text, save_network
from rtl.cost.step import run_fold
from rtl.step import run_rtl
from tests.rtl.cost.networks import pixels_of, small_network

AUTOMATIC = {"hidden1": {"automatic": True}, "hidden2": {"automatic": False}}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    network = small_network()
    for name in ("data", "convert", "fold", "rtl"):
        (tmp_path / name).mkdir()
    save_network(network, tmp_path / "convert/network.safetensors")
    (tmp_path / "convert/network.txt").write_text(network_text(network))
    write_json(tmp_path / "convert/convert.json", {"codes": AUTOMATIC})
    pixels = pixels_of(network)
    part = Part(pixels, np.zeros(len(pixels), dtype=np.int64))
    save_dataset(Dataset(part, part, part, classes=4), tmp_path / "data/dataset.npz")
    return tmp_path


def folded(build: Path, **hardware: Any) -> dict[str, Any]:
    config = Configuration.model_validate({"name": "small", "hardware": hardware})
    run_fold(config, build / "data", build / "convert", build / "fold")
    run_rtl(config, build / "fold", build / "rtl")
    contents: dict[str, Any] = read_json(build / "fold/fold.json")
    return contents


def test_without_a_target_the_network_is_handed_on(build: Path) -> None:
    assert folded(build, parallelism=3) == {"target": "off"}
    for name in ("network.safetensors", "network.txt"):
        assert (build / "fold" / name).read_bytes() == (build / "convert" / name).read_bytes()
    assert [layer["lanes"] for layer in read_json(build / "rtl/rtl.json")["layers"]] == [3, 3, 3]


@pytest.mark.parametrize("target", ["cycles=90", "balanced"])
def test_what_was_chosen_is_built(target: str, build: Path) -> None:
    chosen = folded(build, target=target)
    assert chosen["target"] == target
    core = read_json(build / "rtl/rtl.json")
    assert core["engines"] == [layer["engine"] for layer in chosen["layers"]]
    assert [layer["lanes"] for layer in core["layers"]] == [layer["lanes"] for layer in chosen["layers"]]
    network = load_network(build / "fold/network.safetensors")
    assert [str(layer.neuron.code) for layer in network.layers] == [layer["code"] for layer in chosen["layers"]]
    # The code that was asked for.
    assert chosen["layers"][1]["code"] == "unary"
    assert read_json(build / "rtl/audit.json")["passed"]
    assert chosen["predicted"]["area"]["lut"] == pytest.approx(chosen["predicted"]["figures"]["xc7"]["lut"])
    assert chosen["sample"] == len(pixels_of(network))


def test_engine_auto_without_a_target_is_balanced(build: Path) -> None:
    assert folded(build, engine="auto")["target"] == "balanced"


def test_target_that_cannot_be_met_leaves_nothing(build: Path) -> None:
    with pytest.raises(UserError, match=r"hardware.target is cycles=2, which no choice meets; the fewest cycles are"):
        folded(build, target="cycles=2")
    assert not (build / "fold/fold.json").exists()
