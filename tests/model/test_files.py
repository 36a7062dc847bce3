"""Files that are whole or absent."""

import errno
from pathlib import Path

import pytest

from model.base.errors import UserError
from model.base.files import read_json, replacing, sha256_of, write_json, write_text


def test_a_file_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file.json"
    write_json(path, {"b": 1, "a": [2]})
    assert path.read_text() == '{\n  "b": 1,\n  "a": [\n    2\n  ]\n}\n'
    assert read_json(path) == {"b": 1, "a": [2]}
    assert [entry.name for entry in path.parent.iterdir()] == ["file.json"]


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_text(path, "old")

    def fail_half_way() -> None:
        with replacing(path) as beside:
            beside.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_line_that_names_the_file_and_the_way_out(tmp_path: Path, number: int) -> None:
    path = tmp_path / "file"
    with pytest.raises(UserError) as error, replacing(path):
        raise OSError(number, "full")
    assert str(error.value) == f"{path}: the disk is full; free some space and run the same command again, it resumes"


def test_other_faults_of_the_system_are_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), replacing(tmp_path / "file"):
        raise PermissionError(errno.EACCES, "no")


def test_missing_and_damaged_json_name_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    with pytest.raises(UserError) as error:
        read_json(path)
    assert str(error.value) == f"{path}: no such file; run the step that writes it"
    path.write_text("{")
    with pytest.raises(UserError, match=r"not valid JSON .*; delete it and build again$"):
        read_json(path)


def test_digest_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
