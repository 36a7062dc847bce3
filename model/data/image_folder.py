"""Any data set of one folder a class with PNG or JPEG images, on disk or zipped, and its fixed split."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from model.base.errors import UserError
from model.base.progress import progress
from model.data.dataset import Dataset, Part
from model.data.decode import SUFFIXES, decode_part, decoded
from model.data.image_tree import FolderTree, ImageTree, ZipTree, printable
from model.data.split import TEST_EVERY, VALIDATION_EVERY

_LARGEST_DATA_SET = 4 << 30
_LARGEST_CLASS_COUNT = 256
_TOP = PurePosixPath()
_NEEDED = (
    "give a folder or a zip file with one folder a class, or with train and test in it, folders or zip files of such folders"
)


class ImageFolder(NamedTuple):
    """A data set that was read.

    Attributes:
        dataset: its parts.
        checksums: MD5 of the files and of the decoded pixels with their labels, by part.
        class_names: by label.
    """

    dataset: Dataset
    checksums: dict[str, str]
    class_names: list[str]


@dataclass(frozen=True)
class _Classes:
    """Image files by class, classes and files sorted by name."""

    tree: ImageTree
    place: PurePosixPath
    files: Mapping[str, Sequence[PurePosixPath]]

    @property
    def shown(self) -> str:
        return self.tree.shown(self.place)


class _Files(NamedTuple):
    """One part before it is decoded."""

    tree: ImageTree
    paths: list[PurePosixPath]
    labels: list[int]


def load_image_folder(path: Path | None) -> ImageFolder:
    """Read a folder or a zip file.

    Labels are the places of the class names in their order. Every tenth training image of a class, by name, is for validation;
    where there is no test part, every fifth image is for the test first. In each part the classes take turns, so that its
    first images are of all classes.

    Args:
        path: the folder or the zip file.

    Raises:
        UserError: nothing there that could be read as class folders, or a file, class or size that does not fit, by name.
    """
    if path is None:
        raise UserError(f"data.source is 'image-folder', whose images are read from --data-dir: add --data-dir DIR; {_NEEDED}")
    train, test = _found(path)
    class_names = [printable(name) for name in train.files]
    parts = _split(train, test)
    first = next(iter(parts["train"].paths))
    shape_of = train.tree.shown(first)
    shape = decoded(train.tree.read(first), shape_of).shape
    total = sum(len(part.paths) for part in parts.values())
    size = total * int(np.prod(shape))
    if size > _LARGEST_DATA_SET:
        raise UserError(
            f"{printable(path)}: {total} images of {'×'.join(map(str, shape))} are {size >> 20} MiB; legal are at most"
            f" {_LARGEST_DATA_SET >> 20}; take fewer or smaller images"
        )
    checksums: dict[str, str] = {}
    read: dict[str, Part] = {}
    with progress(total, "reading images", "images") as shown:
        for name, part in parts.items():
            images, checksums[f"{name} files"] = decode_part(part.tree, part.paths, shape, shape_of, shown)
            read[name] = Part(images, np.array(part.labels, dtype=np.uint8))
            digest = hashlib.md5(images.data, usedforsecurity=False)
            digest.update(read[name].labels.data)
            checksums[f"{name} pixels"] = digest.hexdigest()
    return ImageFolder(Dataset(**read, classes=len(class_names)), checksums, class_names)


def _found(path: Path) -> tuple[_Classes, _Classes | None]:
    """Class folders for training, and those for the test where they are apart."""
    if path.is_file():
        tree: ImageTree = ZipTree(path)
    elif path.is_dir():
        tree = FolderTree(path)
    else:
        raise UserError(f"--data-dir {printable(path)}: no such folder or zip file; {_NEEDED}")
    place = _inner(tree)
    sides = [_side(tree, place, name) for name in ("train", "test")]
    there = [side for side in sides if side is not None]
    if not there:
        return _classes(tree, place), None
    if len(there) == 1:
        missing = "test" if sides[0] is not None else "train"
        raise UserError(f"{tree.shown(place)}: {missing} is missing beside {there[0][0].shown(there[0][1])}; {_NEEDED}")
    train, test = (_classes(*side) for side in there)
    if list(train.files) != list(test.files):
        lone = sorted(set(train.files) ^ set(test.files))[0]
        has, lacks = (train, test) if lone in train.files else (test, train)
        raise UserError(
            f"{has.shown}: has a class {printable(lone)}, which {lacks.shown} lacks; give both the same class folders"
        )
    return train, test


def _inner(tree: ImageTree) -> PurePosixPath:
    """Past folders that only hold one folder of folders, as archives often have."""
    place = _TOP
    while isinstance(tree, ZipTree) and not tree.files(place) and len(tree.folders(place)) == 1:
        below = place / tree.folders(place)[0]
        if not tree.folders(below):
            break
        place = below
    return place


def _side(tree: ImageTree, place: PurePosixPath, name: str) -> tuple[ImageTree, PurePosixPath] | None:
    """``train`` or ``test``: a folder, or beside it on disk a zip file."""
    is_folder = name in tree.folders(place)
    is_zip = isinstance(tree, FolderTree) and f"{name}.zip" in tree.files(place)
    if is_folder and is_zip:
        raise UserError(f"{tree.shown(place / name)}: {name}.zip is beside it; take one of them away")
    if is_zip:
        inside = ZipTree(tree.place / place / f"{name}.zip")
        return inside, _inner(inside)
    return (tree, place / name) if is_folder else None


def _classes(tree: ImageTree, place: PurePosixPath) -> _Classes:
    names = tree.folders(place)
    if not 2 <= len(names) <= _LARGEST_CLASS_COUNT:
        raise UserError(f"{tree.shown(place)}: {len(names)} class folders; legal are 2 to {_LARGEST_CLASS_COUNT}; {_NEEDED}")
    found: dict[str, list[PurePosixPath]] = {}
    for name in names:
        folder = place / name
        for inner in tree.folders(folder):
            raise UserError(f"{tree.shown(folder / inner)}: a folder in a class folder; legal are images alone; {_NEEDED}")
        found[name] = [folder / file for file in tree.files(folder)]
        for file in found[name]:
            if file.suffix.lower() not in SUFFIXES:
                raise UserError(f"{tree.shown(file)}: no image by its name; legal are {', '.join(SUFFIXES)}; take it out")
        if not found[name]:
            raise UserError(f"{tree.shown(folder)}: an empty class folder; put its images there or take it away")
    return _Classes(tree, place, found)


def _split(train: _Classes, test: _Classes | None) -> dict[str, _Files]:
    held: dict[str, dict[str, list[PurePosixPath]]] = {"train": {}, "validation": {}, "test": {}}
    least = VALIDATION_EVERY if test is not None else -(-VALIDATION_EVERY * TEST_EVERY // (TEST_EVERY - 1))
    for name, files in train.files.items():
        if len(files) < least:
            raise UserError(
                f"{train.tree.shown(train.place / name)}: {len(files)} images are not enough to hold some out; legal are {least}"
                " and more; add images or take the class away"
            )
        rest = list(files)
        if test is None:
            held["test"][name] = rest[TEST_EVERY - 1 :: TEST_EVERY]
            del rest[TEST_EVERY - 1 :: TEST_EVERY]
        else:
            held["test"][name] = list(test.files[name])
        held["validation"][name] = rest[VALIDATION_EVERY - 1 :: VALIDATION_EVERY]
        del rest[VALIDATION_EVERY - 1 :: VALIDATION_EVERY]
        held["train"][name] = rest
    sources = {"train": train, "validation": train, "test": test or train}
    return {part: _in_turns(sources[part].tree, files) for part, files in held.items()}


def _in_turns(tree: ImageTree, files: Mapping[str, Sequence[PurePosixPath]]) -> _Files:
    """The first image of every class, then the second ones, and so on."""
    rounds = zip_longest(*([(path, label) for path in paths] for label, paths in enumerate(files.values())))
    pairs = [pair for turn in rounds for pair in turn if pair is not None]
    return _Files(tree, [path for path, _ in pairs], [label for _, label in pairs])
