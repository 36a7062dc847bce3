"""Small projects, written but not compiled, for the tests that look at files."""

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from hls.chain import chains_of
from hls.check import check_project
from hls.parallelism import resolve_parallelism
from hls.project import HlsProject, Target, write_project, write_test_vectors
from model.golden import simulate
from model.integer_network import InputCode, Network, WireCode
from tests.hls.networks import Shape, random_network, random_pixels


@dataclass(frozen=True)
class Written:
    """A project that a test may change, its network, frames and their golden scores."""

    project: HlsProject
    network: Network
    pixels: np.ndarray
    scores: np.ndarray


def write(network: Network, folder: Path) -> Written:
    lanes = resolve_parallelism(2, network)
    project = write_project(chains_of([network], [lanes]), Target("xc7a100tcsg324-1", 10.0), folder)
    pixels = random_pixels(network, 20, seed=5)
    scores = simulate(network, pixels).scores
    write_test_vectors(project, pixels, scores)
    return Written(project, network, pixels, scores)


def copied(pristine: Written, folder: Path) -> Written:
    shutil.copytree(pristine.project.folder, folder)
    return replace(pristine, project=replace(pristine.project, folder=folder))


def edit(path: Path, old: str, new: str) -> None:
    """Exchange a text that stands once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def edit_pattern(path: Path, pattern: str, replacement: str) -> None:
    """Exchange what a regular expression finds once in a file."""
    text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"))
    assert count == 1
    path.write_text(text, encoding="utf-8")


def failed(written: Written) -> dict[str, str]:
    """Checks of a project that fail, with their details."""
    checks = check_project(written.project, written.pixels, written.scores)
    return {name: check.detail for name, check in checks.items() if not check.passed}


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Written:
    network = random_network(Shape((9, 5, 3), InputCode.BITS, 2, (5,), (WireCode.BITS,)), seed=4)
    return write(network, tmp_path_factory.mktemp("written") / "project")


@pytest.fixture
def written(pristine: Written, tmp_path: Path) -> Written:
    return copied(pristine, tmp_path / "project")


@pytest.fixture(scope="session")
def pristine_signed(tmp_path_factory: pytest.TempPathFactory) -> Written:
    shape = Shape((9, 5, 4, 3), InputCode.BITS, 2, (5, 3), (WireCode.COUNT, WireCode.BITS), lowest=(-3, -2))
    return write(random_network(shape, seed=6), tmp_path_factory.mktemp("signed") / "project")


@pytest.fixture
def signed(pristine_signed: Written, tmp_path: Path) -> Written:
    """A count of -3 to 5, then bits of -2 to 3."""
    return copied(pristine_signed, tmp_path / "project")
