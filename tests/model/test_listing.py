"""A listing's digest changes with what is in a folder, and not with where the folder is."""

import os
import sys
from pathlib import Path

import pytest

from model.data.listing import listing_digest


def test_the_digest_follows_names_sizes_and_times_but_not_the_place(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    (folder / "inner").mkdir(parents=True)
    file = folder / "inner" / "file"
    file.write_text("1")
    os.utime(file, (5, 5))
    first = listing_digest(folder)
    folder.rename(tmp_path / "b")
    assert listing_digest(tmp_path / "b") == first
    file = tmp_path / "b" / "inner" / "file"
    found = {first}
    os.utime(file, (6, 6))
    found.add(listing_digest(tmp_path / "b"))
    file.write_text("12")
    os.utime(file, (6, 6))
    found.add(listing_digest(tmp_path / "b"))
    file.rename(file.with_name("other"))
    found.add(listing_digest(tmp_path / "b"))
    assert len(found) == 4


def test_a_file_has_one_too(tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    file.write_bytes(b"1")
    first = listing_digest(file)
    file.write_bytes(b"12")
    assert listing_digest(file) != first


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take names of UTF-8 alone")
def test_names_need_not_be_utf_8_and_count(tmp_path: Path) -> None:
    found = set()
    for name in (b"caf\xe9.png", b"caf\xe8.png", "café.png".encode()):
        file = tmp_path / os.fsdecode(name)
        file.write_text("1")
        os.utime(file, (5, 5))
        found.add(listing_digest(tmp_path))
        file.unlink()
    assert len(found) == 3
