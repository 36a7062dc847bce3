"""Reader of CIFAR's pickled batches that runs nothing that a pickle asks for."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np

from model.base.errors import UserError
from model.data.dataset import ByteArray


class _Array:
    """Stands in for a NumPy array: keeps what a pickle says about one and makes nothing of it."""

    def __init__(self, *_arguments: Any) -> None:
        self.shape: Any = None
        self.type: Any = None
        self.column_major: Any = None
        self.content: Any = None

    def __setstate__(self, state: Any) -> None:
        _version, self.shape, self.type, self.column_major, self.content = state


class _Type:
    """Stands in for the type of an array."""

    def __init__(self, name: Any = None, *_arguments: Any) -> None:
        self.name = name

    def __setstate__(self, _state: Any) -> None:
        """Byte order and fields, which bytes do not have."""


_STAND_INS = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
}


class _Unpickler(pickle.Unpickler):
    """Knows the three names that the original batches use, each as its stand-in; every other one is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _STAND_INS:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no batch of CIFAR-10 holds")
        return _STAND_INS[module, name]


def unpickled_batch(content: bytes, images: int, pixels: int, where: str) -> tuple[ByteArray, ByteArray]:
    """Images (images, pixels) and labels (images,) of one batch, both uint8.

    Args:
        content: of the file.
        images: how many it must hold.
        pixels: of an image, colours counted apart.
        where: the file, for errors.

    Raises:
        UserError: not the pickle of a batch.
    """
    try:
        batch = _Unpickler(io.BytesIO(content), encoding="bytes").load()
        array, labels = batch[b"data"], batch[b"labels"]
        described = array.shape, array.type.name, len(array.content)
        values = np.array(labels, dtype=np.uint8)
    # A damaged pickle may end in any error of what it builds.
    except Exception as error:
        raise UserError(f"{where}: no batch of CIFAR-10 ({error}); take the original file") from error
    if described != ((images, pixels), b"u1", images * pixels) or values.shape != (images,):
        raise UserError(
            f"{where}: an array of another shape or type than {images} images of {pixels} bytes; take the original file"
        )
    bytes_of_pixels = np.frombuffer(array.content, dtype=np.uint8)
    if array.column_major:
        return bytes_of_pixels.reshape(pixels, images).T, values
    return bytes_of_pixels.reshape(images, pixels), values
