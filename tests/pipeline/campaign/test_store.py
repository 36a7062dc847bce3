from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.base.errors import UserError
from model.base.files import write_json
from pipeline.campaign.store import Store, key_of
from pipeline.inputs import Inputs
from pipeline.manifest import MANIFEST

INPUTS: Inputs = {"configuration": {"training.seed": 1}, "steps": {}, "sources": {}, "versions": {"numpy": "2"}}
OTHER: Inputs = {**INPUTS, "configuration": {"training.seed": 2}}


def write_one(partial: Path) -> list[str]:
    write_json(partial / "one.json", 1)
    return []


def never(_partial: Path) -> list[str]:
    raise AssertionError("was made again")


def test_result_is_made_once_and_filed_under_its_inputs(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.find("rows", INPUTS) is None
    folder, failures = store.bring("rows", INPUTS, write_one)
    assert (folder, failures) == (tmp_path / "rows" / key_of(INPUTS), [])
    assert store.bring("rows", INPUTS, never) == (folder, [])
    assert Store(tmp_path).find("rows", INPUTS) == folder
    assert store.find("rows", OTHER) is store.find("trainings", INPUTS) is None
    assert json.loads((folder / MANIFEST).read_text())["inputs"] == INPUTS


def test_damaged_result_is_made_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folder, _ = store.bring("rows", INPUTS, write_one)
    (folder / "one.json").write_text("2")
    assert store.find("rows", INPUTS) is None
    assert store.bring("rows", INPUTS, write_one) == (folder, [])
    assert (folder / "one.json").read_text().strip() == "1"
    (folder / MANIFEST).write_text("{")
    assert store.find("rows", INPUTS) is None


def test_result_with_a_failure_is_kept_aside_and_never_found(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def fail(partial: Path) -> list[str]:
        write_one(partial)
        return [f"unequal, see {partial / 'one.json'}"]

    folder, failures = store.bring("rows", INPUTS, fail)
    assert failures == [f"unequal, see {folder / 'one.json'}"]
    assert (folder / "one.json").is_file()
    assert store.find("rows", INPUTS) is None
    assert store.bring("rows", INPUTS, write_one)[1] == []
    assert not folder.exists()


def test_interrupted_work_is_handed_on_where_it_resumes(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def interrupted(partial: Path) -> list[str]:
        (partial / "half").write_text("half")
        raise KeyboardInterrupt

    def go_on(partial: Path) -> list[str]:
        assert (partial / "half").read_text() == "half"
        return write_one(partial)

    def start_anew(partial: Path) -> list[str]:
        assert not (partial / "half").exists()
        return write_one(partial)

    for kind, action, resumes in (("trainings", go_on, True), ("rows", start_anew, False)):
        with pytest.raises(KeyboardInterrupt):
            store.bring(kind, INPUTS, interrupted)
        assert store.find(kind, INPUTS) is None
        assert store.bring(kind, INPUTS, action, resumes)[1] == []


def test_full_disk_is_one_line(tmp_path: Path) -> None:
    def fill(_partial: Path) -> list[str]:
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="the disk is full"):
        Store(tmp_path).bring("rows", INPUTS, fill)
