"""Cores that are compiled once, however many processes run the tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock

from tests.sim.cores import NETWORKS, SmallCore, small_core, write_core


def _shared(tmp_path_factory: pytest.TempPathFactory, name: str) -> SmallCore:
    """The core of that name, compiled by the first process that needs it."""
    base = tmp_path_factory.getbasetemp()
    # Processes of pytest-xdist have a folder each below a common one.
    common = base.parent if base.name.startswith("popen-") else base
    folder: Path = common / "sim-cores" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    make, lanes, engines = NETWORKS[name]
    with FileLock(common / f"sim-{name}.lock"):
        core = small_core(folder, make(), lanes, engines)
        if not folder.exists():
            write_core(core)
    return core


@pytest.fixture(scope="session")
def deferred(tmp_path_factory: pytest.TempPathFactory) -> SmallCore:
    return _shared(tmp_path_factory, "deferred")


@pytest.fixture(scope="session")
def signed(tmp_path_factory: pytest.TempPathFactory) -> SmallCore:
    return _shared(tmp_path_factory, "signed")


@pytest.fixture(scope="session")
def multi_spike(tmp_path_factory: pytest.TempPathFactory) -> SmallCore:
    return _shared(tmp_path_factory, "multi-spike")


@pytest.fixture(scope="session")
def causal(tmp_path_factory: pytest.TempPathFactory) -> SmallCore:
    return _shared(tmp_path_factory, "causal")


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> SmallCore:
    return _shared(tmp_path_factory, "mixed")


@pytest.fixture(scope="session")
def map_core(tmp_path_factory: pytest.TempPathFactory) -> SmallCore:
    return _shared(tmp_path_factory, "map")
