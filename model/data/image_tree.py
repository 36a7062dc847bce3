"""Folders of images, on disk or inside a zip file, looked at in the same way."""

from __future__ import annotations

import zipfile
import zlib
from abc import ABC, abstractmethod
from pathlib import Path, PurePosixPath

from model.base.errors import UserError

LARGEST_FILE = 64 << 20
"""Bytes of one image file; what claims to be larger is no image of a data set for this."""

# RuntimeError and NotImplementedError: a password, or a compression that this Python does not have. UnicodeDecodeError: the name
# in front of the content says that it is UTF-8 and is not.
_UNREADABLE = (
    *(OSError, KeyError, EOFError, zipfile.BadZipFile, zlib.error),
    *(RuntimeError, NotImplementedError, UnicodeDecodeError),
)
_ZIP_BEGIN = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_HIDDEN = ("__MACOSX", "Thumbs.db", "desktop.ini")


def printable(name: str | Path) -> str:
    r"""A name of a file as text that every stream takes: a byte that is not UTF-8 becomes its escape, ``\xff``."""
    return str(name).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class ImageTree(ABC):
    """Folders and files below one place; hidden ones are not seen."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def shown(self, path: PurePosixPath) -> str:
        """How an error names a file or folder."""
        return printable(self.place / path)

    @abstractmethod
    def folders(self, path: PurePosixPath) -> list[str]:
        """Names of the folders in a folder, sorted."""

    @abstractmethod
    def files(self, path: PurePosixPath) -> list[str]:
        """Names of the files in a folder, sorted."""

    @abstractmethod
    def read(self, path: PurePosixPath) -> bytes:
        """Content of a file.

        Raises:
            UserError: it cannot be read, or is too large.
        """

    def _too_large(self, path: PurePosixPath, size: int) -> UserError:
        return UserError(f"{self.shown(path)}: {size} bytes; legal are at most {LARGEST_FILE}; make the image smaller")

    def _unreadable(self, path: PurePosixPath, reason: object) -> UserError:
        return UserError(f"{self.shown(path)}: cannot be read ({reason}); replace the file or take it out")


class FolderTree(ImageTree):
    """On disk."""

    def folders(self, path: PurePosixPath) -> list[str]:
        """Those of a folder on disk."""
        return self._names(path, folders=True)

    def files(self, path: PurePosixPath) -> list[str]:
        """Those of a folder on disk."""
        return self._names(path, folders=False)

    def read(self, path: PurePosixPath) -> bytes:
        """Content of a file on disk."""
        file = self.place / path
        try:
            size = file.stat().st_size
            if size > LARGEST_FILE:
                raise self._too_large(path, size)
            return file.read_bytes()
        except OSError as error:
            raise self._unreadable(path, error.strerror) from error

    def _names(self, path: PurePosixPath, folders: bool) -> list[str]:
        try:
            found = [entry for entry in (self.place / path).iterdir() if _is_seen(entry.name)]
            return sorted(entry.name for entry in found if entry.is_dir() == folders)
        except OSError as error:
            raise self._unreadable(path, error.strerror) from error


class ZipTree(ImageTree):
    """Inside a zip file.

    Raises:
        UserError: not a zip file, or a damaged one.
    """

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        try:
            self._archive = zipfile.ZipFile(place)
        # The name of a file says that it is UTF-8 and is not; the format has a version that this Python does not have.
        except (OSError, zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError) as error:
            raise _no_zip_file(place, error) from error
        self._folders: dict[PurePosixPath, set[str]] = {}
        self._files: dict[PurePosixPath, set[str]] = {}
        for entry in self._archive.infolist():
            path = PurePosixPath(entry.filename)
            if path.parts and all(map(_is_seen, path.parts)):
                (self._folders if entry.is_dir() else self._files).setdefault(path.parent, set()).add(path.name)
                for folder in list(path.parents)[:-1]:
                    self._folders.setdefault(folder.parent, set()).add(folder.name)

    def folders(self, path: PurePosixPath) -> list[str]:
        """Those of a folder in the archive."""
        return sorted(self._folders.get(path, ()))

    def files(self, path: PurePosixPath) -> list[str]:
        """Those of a folder in the archive."""
        return sorted(self._files.get(path, ()))

    def read(self, path: PurePosixPath) -> bytes:
        """Content of a file in the archive, its checksum compared."""
        try:
            entry = self._archive.getinfo(path.as_posix())
            if entry.file_size > LARGEST_FILE:
                raise self._too_large(path, entry.file_size)
            # Unlike read(), this holds where the size in the directory is a lie.
            with self._archive.open(entry) as stream:
                return stream.read(LARGEST_FILE)
        except _UNREADABLE as error:
            raise self._unreadable(path, error) from error


def _no_zip_file(place: Path, reason: object) -> UserError:
    """What is wrong with a file that cannot be opened as one: another kind of file, or a damaged one."""
    try:
        with place.open("rb") as stream:
            begins_like_one = stream.read(4) in _ZIP_BEGIN
    except OSError as error:
        return UserError(f"{printable(place)}: cannot be read ({error.strerror}); make it readable or take another copy")
    if begins_like_one:
        return UserError(f"{printable(place)}: not a whole zip file ({reason}); take another copy")
    return UserError(
        f"{printable(place)}: not a zip file; legal is a folder or a zip file; unpack an archive of another kind"
        " and give its folder"
    )


def _is_seen(name: str) -> bool:
    return not name.startswith(".") and name not in _HIDDEN
