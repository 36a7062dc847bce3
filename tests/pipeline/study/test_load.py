from __future__ import annotations

from pathlib import Path

import pytest

from model.base.errors import UserError
from pipeline.study.load import load_study
from tests.pipeline.study.studies import TINY, write_study

METHODS = "pascal, parallel, opi, qcfs, dual-phase, pmsm"
IMAGES = 'FILE: study.images = "some": legal is all, or the first so many images of the test set'
IN_STUDY = "methods, variants, time_steps, codes, seeds, images, rtl"


def error_of(folder: Path, text: str, *overrides: str) -> str:
    path = write_study(folder, text)
    with pytest.raises(UserError) as caught:
        load_study(path, overrides)
    return str(caught.value).replace(str(path), "FILE")


def test_methods_come_before_variants(tmp_path: Path) -> None:
    text = TINY + '\n[[study.variants]]\nname = "zero"\nmethod = "opi"\nset = { "conversion.initial_potential" = "zero" }\n'
    file = load_study(write_study(tmp_path, text))
    assert [(variant.name, variant.method) for variant in file.variants] == [
        ("pascal", "pascal"),
        ("opi", "opi"),
        ("zero", "opi"),
    ]
    zero = file.configuration(file.variants[2], {"training.seed": 7})
    assert (zero.conversion.method, zero.conversion.initial_potential, zero.training.seed) == ("opi", "zero", 7)
    assert zero.network == file.base.network


def test_overrides_reach_configuration_and_study(tmp_path: Path) -> None:
    file = load_study(
        write_study(tmp_path),
        ("network.levels=4", "study.methods=[opi, dual-phase]", "study.seeds=[5]", "study.images=all", "study.rtl.frames=10"),
    )
    assert (file.base.network.levels, file.study.rtl.frames) == (4, 10)
    assert (file.study.methods, file.study.seeds, file.study.images) == (["opi", "dual-phase"], [5], "all")


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ('"pascal", "opi"', '"pascal", "opy"', f'FILE: study.methods = "opy": legal is a list of {METHODS}; did you mean opi?'),
        ("[1, 2]\ncodes", "[0]\ncodes", "FILE: study.time_steps = 0: legal is a list of whole numbers from 1 to 64"),
        ("[1, 2]\ncodes", "[]\ncodes", "FILE: study.time_steps = []: legal is a list of whole numbers from 1 to 64"),
        ('"bits"]', '"radix"]', 'FILE: study.codes = "radix": legal is a list of auto, unary, bits, count'),
        ("seeds =", "sedes =", f"FILE: study.sedes is not a key; legal in [study] are {IN_STUDY}; did you mean seeds?"),
        ("images = 40", 'images = "some"', IMAGES),
        ("levels = 2", "levels = 99", "FILE: network.levels = 99: legal is a whole number from 1 to 64, or a list of them"),
        ("levels = 2", "leveles = 2", None),
        ("methods = [\"pascal\", \"opi\"]", "methods = []", None),
    ],
)  # fmt: skip
def test_wrong_study_file_is_one_line(tmp_path: Path, old: str, new: str, expected: str | None) -> None:
    assert old in TINY
    text = error_of(tmp_path, TINY.replace(old, new))
    assert "\n" not in text
    if expected is not None:
        assert text == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        (
            '[[study.variants]]\nname = "a"\nmethod = "opi"\nlevls = 3',
            "FILE: study.variants.levls is not a key; legal in [study.variants] are name, method, time_steps, codes, seeds,"
            " levels_follow, set",
        ),
        ('[[study.variants]]\nname = "a"', f"FILE: study.variants.method is missing; legal is {METHODS}"),
        (
            '[[study.variants]]\nname = "A b"\nmethod = "opi"',
            'FILE: study.variants.name = "A b": legal is text that matches ^[a-z0-9][a-z0-9_-]{0,39}$',
        ),
        (
            '[[study.variants]]\nname = "opi"\nmethod = "opi"',
            "FILE: study: two variants are called opi; every name is one line of the plots",
        ),
        ("[study.rtl]\nframes = 0", "FILE: study.rtl.frames = 0: legal is a whole number from 1 to 1000000"),
        (
            '[[study.rtl.whole]]\nvariant = "opii"\ntime_steps = 1\ncode = "train"',
            'FILE: study.rtl.whole.variant = "opii": legal are pascal, opi; did you mean opi?',
        ),
    ],
)
def test_wrong_table_inside_the_study_is_one_line(tmp_path: Path, text: str, expected: str) -> None:
    assert error_of(tmp_path, f"{TINY}\n{text}\n") == expected


def test_missing_and_empty_study(tmp_path: Path) -> None:
    assert error_of(tmp_path, 'name = "x"\n').startswith("FILE: [study] is missing; add it with e.g. methods = ")
    assert error_of(tmp_path, 'name = "x"\nstudy = 3\n').startswith("FILE: study = 3: study is a table")
    assert error_of(tmp_path, 'name = "x"\n[study]\n') == (
        'FILE: the study is empty; give study.methods, e.g. ["pascal", "parallel"], or [[study.variants]]'
    )


@pytest.mark.parametrize(
    "override, expected",
    [
        ("study.seeds=", "--set study.seeds=: expected key=value, e.g. --set study.seeds=[1]"),
        (
            "study.seed=[1]",
            "--set: study.seed is no key to set; legal are study.methods, study.time_steps, study.codes, study.seeds,"
            " study.images, study.rtl.frames, study.rtl.seeds; did you mean study.seeds?",
        ),
        ("study.rtl.frames=0", "--set: study.rtl.frames = 0: legal is a whole number from 1 to 1000000"),
        ("study.methods=[pmms]", f'--set: study.methods = "pmms": legal is a list of {METHODS}; did you mean pmsm?'),
    ],
)
def test_wrong_override_is_one_line(tmp_path: Path, override: str, expected: str) -> None:
    assert error_of(tmp_path, TINY, override) == expected


def test_variant_with_an_unknown_key(tmp_path: Path) -> None:
    text = TINY + '\n[[study.variants]]\nname = "a"\nmethod = "opi"\nset = { "network.levls" = 3 }\n'
    path = write_study(tmp_path, text)
    file = load_study(path)
    with pytest.raises(UserError) as caught:
        file.configuration(file.variants[-1], {})
    assert str(caught.value) == (
        f"{path}: study variant a: set: network.levls is not a key of the configuration; did you mean network.levels?"
    )
