"""PNG and JPEG files to arrays, all of one size and one kind, checked one by one."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

import numpy as np
from PIL import Image, UnidentifiedImageError

from model.base.errors import UserError
from model.base.progress import Progress
from model.data.dataset import ByteArray
from model.data.image_tree import ImageTree

SUFFIXES = (".png", ".jpg", ".jpeg")
"""Of the files that are taken for images."""

_CHUNK = 256
_MODES = {"L": "grey", "RGB": "colour"}
_BEGIN = (b"\xff\xd8", b"\x89PNG")
_END = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}


def decoded(content: bytes, where: str) -> ByteArray:
    """One image, uint8, (rows, columns) where it is grey, else (3, rows, columns), red first.

    Raises:
        UserError: neither PNG nor JPEG, truncated, damaged, or neither 8-bit grey nor 8-bit RGB.
    """
    try:
        with Image.open(io.BytesIO(content), formats=tuple(_END)) as image:
            if image.mode not in _MODES:
                raise UserError(
                    f"{where}: pixels of mode {image.mode}; legal are {', '.join(_MODES)}, 8 bits of grey or RGB; convert it"
                )
            # Pillow fills up what is missing of the last lines of some files without a word.
            kind = "PNG" if image.format == "PNG" else "JPEG"
            if _END[kind] not in content:
                raise UserError(f"{where}: truncated {kind}; replace the file or take it out")
            pixels = np.asarray(image)
    except UserError:
        raise
    # Its text names an object in memory.
    except UnidentifiedImageError as error:
        what = "no whole PNG or JPEG (damaged head)" if content.startswith(_BEGIN) else "not a PNG or JPEG image"
        raise UserError(f"{where}: {what}; replace the file or take it out") from error
    # Pillow's readers end damaged files in errors of many kinds.
    except Exception as error:
        raise UserError(
            f"{where}: no whole PNG or JPEG ({str(error) or type(error).__name__}); replace the file or take it out"
        ) from error
    return pixels if pixels.ndim == 2 else np.moveaxis(pixels, 2, 0)


def decode_part(
    tree: ImageTree, paths: Sequence[PurePosixPath], shape: tuple[int, ...], shape_of: str, shown: Progress
) -> tuple[ByteArray, str]:
    """Images (images, …shape) of files, in their order, and the MD5 of the files' contents, one after the other.

    Beside the result a few hundred files are held at a time, and decoded on all cores.

    Args:
        tree: what reads the files.
        paths: of the files.
        shape: that every image must have.
        shape_of: the file that it was taken from, for errors.
        shown: is advanced image by image.

    Raises:
        UserError: a file that cannot be read or decoded, or an image of another shape.
    """
    images = np.empty((len(paths), *shape), dtype=np.uint8)
    digest = hashlib.md5(usedforsecurity=False)
    decode = _checked_decoder(shape, shape_of)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(paths), _CHUNK):
            chunk = paths[start : start + _CHUNK]
            contents = [tree.read(path) for path in chunk]
            for at, pixels in enumerate(pool.map(decode, contents, map(tree.shown, chunk)), start=start):
                images[at] = pixels
            for content in contents:
                digest.update(content)
            shown.advance(len(chunk))
    return images, digest.hexdigest()


def _checked_decoder(shape: tuple[int, ...], shape_of: str) -> Callable[[bytes, str], ByteArray]:
    def decode(content: bytes, where: str) -> ByteArray:
        pixels = decoded(content, where)
        if pixels.shape != shape:
            raise UserError(
                f"{where}: {_in_words(pixels.shape)}; the first image, {shape_of}, has {_in_words(shape)};"
                " give all images one size and kind"
            )
        return pixels

    return decode


def _in_words(shape: tuple[int, ...]) -> str:
    kind = "colour" if len(shape) == 3 else "grey"
    return f"{shape[-2]} rows of {shape[-1]} {kind} pixels"
