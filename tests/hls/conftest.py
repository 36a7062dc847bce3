"""One small project, written but not compiled, for the tests that look at files."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from hls.chain import chains_of
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


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Written:
    network = random_network(Shape((9, 5, 3), InputCode.BITS, 2, (5,), (WireCode.BITS,)), seed=4)
    folder = tmp_path_factory.mktemp("written") / "project"
    lanes = resolve_parallelism(2, network)
    project = write_project(chains_of([network], [lanes]), Target("xc7a100tcsg324-1", 10.0), folder)
    pixels = random_pixels(network, 20, seed=5)
    scores = simulate(network, pixels).scores
    write_test_vectors(project, pixels, scores)
    return Written(project, network, pixels, scores)


@pytest.fixture
def written(pristine: Written, tmp_path: Path) -> Written:
    folder = tmp_path / "project"
    shutil.copytree(pristine.project.folder, folder)
    return replace(pristine, project=replace(pristine.project, folder=folder))
