from __future__ import annotations

import time

import pytest

from model.base.progress import progress


def test_short_work_prints_nothing_outside_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(3, "training", "epochs") as shown:
        shown.advance()
        shown.note("loss 1")
    assert capsys.readouterr() == ("", "")


def test_long_work_prints_a_line_now_and_then(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with progress(3000, "training", "images") as shown:
        for _ in range(3):
            now[0] += 6
            shown.note("loss 1")
            shown.advance(1000)
    assert capsys.readouterr().err == "  training: 1,000 of 3,000 images after 12 s, loss 1\n"


def test_a_line_is_repeated_once_a_minute_where_nothing_changes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with progress(31, "study", "tasks") as shown:
        for _ in range(13):
            now[0] += 11
            shown.note("")
        shown.advance()
    seconds = (11, 77, 143)
    assert capsys.readouterr().err == "".join(f"  study: 0 of 31 tasks after {second} s\n" for second in seconds)
