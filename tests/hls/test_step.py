"""The hls step from files to files, and what it says when something is missing or broken."""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest

from hls.chain import chains_of
from hls.parallelism import resolve_parallelism
from hls.project import messages_in, write_project
from hls.regression import ANY_TARGET
from hls.simulate import CompiledProject, compile_project
from hls.step import run_hls
from model.base.errors import UserError
from model.config.schema import Configuration
from model.data import Dataset, Part, save_dataset
from model.golden import save_golden, simulate
from model.integer_network import InputCode, WireCode, save_network
from tests.hls.conftest import Written
from tests.hls.networks import Shape, random_network, random_pixels


def make_inputs(folder: Path) -> tuple[Path, Path, Path]:
    """Folders of data, convert and golden for a small random network; labels are its golden classes but for one in four."""
    network = random_network(Shape((9, 5, 3), InputCode.BITS, 2, (5,), (WireCode.BITS,)), seed=4)
    pixels = random_pixels(network, 40, seed=6)
    result = simulate(network, pixels)
    labels = np.where(np.arange(40) % 4 == 0, result.classes + 1, result.classes).astype(np.uint8)
    part = Part(pixels.reshape(40, 3, 3), labels)
    save_dataset(Dataset(part, part, part, classes=4), folder / "data" / "dataset.npz")
    save_network(network, folder / "convert" / "network.safetensors")
    save_golden(result, folder / "golden" / "golden.npz")
    return folder / "data", folder / "convert", folder / "golden"


def configuration(**hls: object) -> Configuration:
    return Configuration.model_validate({"name": "small", "hls": hls})


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a finished step, and everything it printed."""
    folder = tmp_path_factory.mktemp("step")
    inputs = make_inputs(folder)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        run_hls(configuration(parallelism=2, part="xc7z020clg400-1", clock_ns=5.0), *inputs, folder / "out")
    return folder / "out", said.getvalue()


def test_the_step_writes_project_and_verdict(finished: tuple[Path, str]) -> None:
    out, said = finished
    found = json.loads((out / "hls.json").read_text(encoding="utf-8"))
    assert found["accuracy"] == 0.75
    assert found["comparison"] == {
        "frames": 40,
        "values": 40 * (2 * 9 + 3 * 5 + 3),
        "mismatches": 0,
        "by_layer": {"input": 0, "hidden1": 0, "readout": 0},
        "first": None,
    }
    assert all(check["passed"] for check in found["checks"].values())
    assert found["checks"]["script"]["detail"] == "top function isospike_hls, part xc7z020clg400-1, clock 5.0 ns"
    assert found["checks"]["execution"]["detail"].startswith("40 frames equal to golden")
    assert found["synthesis"]["status"] == "synthesis-ready, not synthesised"
    assert found["parallelism"] == {"hidden1": 2, "readout": 2}
    assert found["versions"]["hls4ml"] == "1.3.0"
    assert list(found["seconds"]) == ["write", "compile_and_check", "simulate", "compare", "synthesis"]
    for name in ("build_prj.tcl", "project.tcl", "firmware/isospike_hls.cpp", "firmware/nnet_utils/deferred_saturating.h"):
        assert (out / "project" / name).is_file()
    assert said == ""


def test_a_parallelism_that_does_not_fit_stops_the_step_before_it_writes(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^hls\.parallelism has 1 values, the network has 2 layers \(hidden1, readout\); "):
        run_hls(configuration(parallelism=[4]), *make_inputs(tmp_path), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_project_that_does_not_compile_is_an_error_with_the_log(written: Written) -> None:
    source = written.project.firmware / "isospike_hls.cpp"
    source.write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"/project: g\+\+ [\d.]+ could not compile the HLS project; its messages are in "):
        compile_project(written.project)
    assert "nonsense" in written.project.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("quick, optimisation", [(False, "-O3"), (True, "-O0")])
def test_the_chosen_compiler_is_called_whatever_its_name_and_optimises_unless_it_is_to_be_quick(
    quick: bool, optimisation: str, written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = tmp_path / "other-compiler"
    compiler.write_text('#!/bin/sh\ncase "$1" in -dump*) echo 99.1;; *) echo "the chosen one: $@"; exit 1;; esac\n')
    compiler.chmod(0o755)
    monkeypatch.setenv("ISOSPIKE_GXX", str(compiler))
    with pytest.raises(UserError) as error:
        compile_project(written.project, quick)
    folder, log = written.project.folder, written.project.log
    assert str(error.value) == f"{folder}: g++ 99.1 could not compile the HLS project; its messages are in {log}"
    (called,) = (line.split() for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("the chosen one: "))
    # The compiler heeds the last one.
    assert [option for option in called if option.startswith("-O")][-1] == optimisation


def test_what_is_printed_goes_into_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with messages_in(tmp_path / "log"):
        print("chatter")
    with messages_in(tmp_path / "log"):
        print("more")
    assert capsys.readouterr().out == ""
    assert (tmp_path / "log").read_text(encoding="utf-8") == "chatter\nmore\n"


def test_a_missing_memory_is_an_error_and_not_the_end_of_the_program(written: Written) -> None:
    memory = written.project.firmware / "weights" / "weight3.txt"
    memory.unlink()
    with pytest.raises(UserError) as error:
        CompiledProject(written.project, written.project.firmware / "not_reached.so")
    assert str(error.value) == f"{memory}: no such memory of the HLS project; run the hls step again"


def test_frames_must_be_as_many_for_every_network(written: Written, finished: tuple[Path, str]) -> None:
    library = next((finished[0] / "project" / "firmware").glob("*.so"))
    with pytest.raises(ValueError, match=r"frames differ between networks: \[20, 19\]"):
        CompiledProject(written.project, library).run([written.pixels, written.pixels[1:]])


def test_large_arrays_of_spikes_stay_in_memories_and_small_ones_become_registers(tmp_path: Path) -> None:
    network = random_network(Shape((17, 5, 3), InputCode.UNARY, 8, (3,), (WireCode.UNARY,)), seed=7)
    project = write_project(chains_of([network], [resolve_parallelism(2, network)]), ANY_TARGET, tmp_path / "project")
    text = (project.firmware / "isospike_hls.cpp").read_text(encoding="utf-8")
    assert "layer2_t layer2_out[255*17];" in text
    assert "variable=layer2_out" not in text
    assert "#pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0" in text
