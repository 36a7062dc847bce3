"""A golden result on disk: plain spikes packed eight to a byte, multi-spikes a byte each, potentials as integers."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from model.base.errors import UserError
from model.base.files import UNREADABLE_ARCHIVE, replacing
from model.golden.encoding import SpikeArray
from model.golden.simulate import GoldenResult, LayerTrace


def wanted_frames(frames: Literal["all"] | int, images: int) -> int:
    """How many of the images a key of the configuration asks for."""
    return images if frames == "all" else min(frames, images)


def save_golden(result: GoldenResult, path: Path) -> None:
    """Write spikes and potentials (no history), whole or not at all."""
    arrays: dict[str, npt.NDArray[np.generic]] = _packed("input", result.input_spikes)
    for name, trace in result.layers.items():
        arrays |= _packed(name, trace.spikes)
        arrays[f"{name}.potentials"] = trace.potentials
        arrays[f"{name}.resets"] = trace.resets
    with replacing(path) as beside, beside.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)


def load_golden(path: Path) -> GoldenResult:
    """Read what ``save_golden`` wrote.

    Raises:
        UserError: missing or damaged.
    """
    try:
        with np.load(path) as archive:
            names = [key.removesuffix(".potentials") for key in archive.files if key.endswith(".potentials")]
            result = GoldenResult(_unpacked("input", archive))
            for name in names:
                potentials = archive[f"{name}.potentials"]
                empty = np.empty((0, *potentials.shape), dtype=np.int32)
                result.layers[name] = LayerTrace(_unpacked(name, archive), potentials, empty, archive[f"{name}.resets"])
    except UNREADABLE_ARCHIVE as error:
        raise UserError(f"{path}: no readable golden result ({error}); run the golden step again") from error
    return result


def _packed(name: str, spikes: SpikeArray) -> dict[str, npt.NDArray[np.generic]]:
    plain = not np.any(spikes & ~np.int8(1))
    stored = np.packbits(spikes.view(np.uint8), axis=None) if plain else spikes
    return {f"{name}.spikes": stored, f"{name}.shape": np.array(spikes.shape)}


def _unpacked(name: str, archive: np.lib.npyio.NpzFile) -> SpikeArray:
    stored = archive[f"{name}.spikes"]
    if stored.dtype == np.int8:
        return np.asarray(stored)
    shape = tuple(int(size) for size in archive[f"{name}.shape"])
    return np.unpackbits(stored, count=int(np.prod(shape))).view(np.int8).reshape(shape)
