from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.base.errors import UserError
from model.config.describe import key_schemas, legal_values
from model.config.load import load_configuration

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
DIGITS = CONFIGS / "digits.toml"
KEYS_TABLES = (
    "name, [data], [input], [network], [training], [fine_tuning], [conversion], [hls], [hardware], [simulation], [estimate],"
    " [netlist]"
)
METHODS = "pascal, parallel, opi, qcfs, dual-phase, pmsm"
NETWORK_KEYS = (
    *("hidden", "layers", "preset", "pooling"),
    *("levels", "weight_bits", "batch_norm", "activation", "lowest_levels", "adaptive_levels"),
)


def error_of(*overrides: str, path: Path = DIGITS) -> str:
    with pytest.raises(UserError) as caught:
        load_configuration(path, overrides)
    text = str(caught.value)
    assert "\n" not in text
    return text


def with_text(folder: Path, text: str | bytes) -> Path:
    path = folder / "own.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


BUILDS = sorted(path for path in CONFIGS.glob("*.toml") if not path.name.startswith(("study-", "explore-")))


@pytest.mark.parametrize("path", BUILDS, ids=lambda path: path.stem)
@pytest.mark.parametrize("method", METHODS.split(", "))
def test_method_alone_can_be_set_on_every_shipped_configuration(path: Path, method: str) -> None:
    config = load_configuration(path, [f"conversion.method={method}"])
    assert (config.name, config.conversion.method) == (path.stem, method)


@pytest.mark.parametrize(
    "override, key, value",
    [
        ("name=other", "name", "other"),
        ("name = 'other'", "name", "other"),
        ("network.hidden=[64,32]", "network.hidden", [64, 32]),
        ("data.title=CIFAR-10 (JPEG)", "data.title", "CIFAR-10 (JPEG)"),
        ("data.flip=true", "data.flip", True),
        ("network.batch_norm=false", "network.batch_norm", False),
        ("training.learning_rate=1e-3", "training.learning_rate", 0.001),
        ("training.learning_rate=1", "training.learning_rate", 1.0),
        ("conversion.code=[unary]", "conversion.code", ["unary"]),
        ("conversion.code=unary", "conversion.code", "unary"),
        ("hardware.parallelism=[16, 10]", "hardware.parallelism", [16, 10]),
        ("hardware.target=cycles=100", "hardware.target", "cycles=100"),
        ("hls.part=xc7a35tcpg236-1", "hls.part", "xc7a35tcpg236-1"),
    ],
)
def test_override_takes_toml_and_bare_words(override: str, key: str, value: object) -> None:
    got: object = load_configuration(DIGITS, [override])
    for part in key.split("."):
        got = getattr(got, part)
    assert got == value


def test_later_override_wins() -> None:
    assert load_configuration(DIGITS, ["training.seed=2", "training.seed=3"]).training.seed == 3


@pytest.mark.parametrize(
    "override, text",
    [
        ("network.levels=0", "--set: network.levels = 0: legal is a whole number from 1 to 64, or a list of them"),
        ("network.levels=[0]", "--set: network.levels = [0]: legal is a whole number from 1 to 64, or a list of them"),
        ("network.weight_bits=9", "--set: network.weight_bits = 9: legal is a whole number from 2 to 8, or a list of them"),
        (
            "hardware.parallelism=0",
            "--set: hardware.parallelism = 0: legal is auto, a whole number from 1 to 4096, or a list of them",
        ),
        (
            "hardware.target=fast",
            '--set: hardware.target = "fast": legal are off, balanced, cycles=N, luts=N or device=NAME,'
            " with N from 1 to 999999999",
        ),
        (
            "hardware.target=device=zynq",
            '--set: hardware.target = "device=zynq": no such device; legal are xc7a12t, xc7a15t, xc7a25t, xc7a35t, xc7a50t,'
            " xc7a75t, xc7a100t, xc7a200t, 12k, 25k, 45k, 85k, lp384, hx1k, u4k, up5k, hx8k",
        ),
        ("hardware.engine=spiking", '--set: hardware.engine = "spiking": legal is event, unrolled, auto, or a list of them'),
        (
            "network.hidden=64",
            "--set: network.hidden = 64: legal is a list of at most 16 values, each a whole number from 1 to 8192",
        ),
        ("training.epochs=ten", '--set: training.epochs = "ten": legal is a whole number from 1 to 10000'),
        ("training.epochs=true", "--set: training.epochs = true: legal is a whole number from 1 to 10000"),
        ("training.learning_rate=0", "--set: training.learning_rate = 0: legal is a number above 0 to 10"),
        ("network.batch_norm=1", "--set: network.batch_norm = 1: legal is true, false"),
        (
            "network.activation=relo",
            '--set: network.activation = "relo": legal is auto, qcfs, clip, relu, signed, leaky; did you mean relu?',
        ),
        ("network.lowest_levels=-1", "--set: network.lowest_levels = -1: legal is auto, a whole number from 0 to 64"),
        ("fine_tuning.denoise=1", "--set: fine_tuning.denoise = 1: legal is a number from 0 to 0.9"),
        (
            "conversion.calibration_images=1",
            "--set: conversion.calibration_images = 1: legal is a whole number from 16 to 1000000",
        ),
        ("conversion.initial_potential=full", '--set: conversion.initial_potential = "full": legal is half, zero'),
        ("name=Not This", '--set: name = "Not This": legal is text that matches ^[a-z0-9][a-z0-9_-]{0,63}$'),
        ("conversion.method=pascl", f'--set: conversion.method = "pascl": legal is {METHODS}; did you mean pascal?'),
        (
            "conversion.code=[bitz]",
            '--set: conversion.code = ["bitz"]: legal is auto, unary, bits, count, train, or a list of them; did you mean bits?',
        ),
        (
            "network.hiden=[3]",
            f"--set: network.hiden is not a key; legal in [network] are {', '.join(NETWORK_KEYS)}; did you mean network.hidden?",
        ),
        ("hiden=[3]", f"--set: hiden is not a key; legal are {KEYS_TABLES}; did you mean network.hidden?"),
        ("quantum.foam=3", f"--set: quantum.foam is not a key; legal are {KEYS_TABLES}"),
        (
            "network=3",
            f"--set network=3: network is a table; set one of its keys: {', '.join(f'network.{key}' for key in NETWORK_KEYS)}",
        ),
        ("network.hidden", "--set network.hidden: expected key=value, e.g. --set network.hidden=[64]"),
        ("network.hidden=", "--set network.hidden=: expected key=value, e.g. --set network.hidden=[64]"),
    ],
)
def test_wrong_override_is_one_line(override: str, text: str) -> None:
    assert error_of(override) == text


@pytest.mark.parametrize(
    "key, entries, expected, layers",
    [
        ("network.levels", "[3, 3]", 1, "1 hidden layer"),
        ("conversion.code", "[bits, bits]", 1, "1 hidden layer"),
        ("network.weight_bits", "[4, 4, 4]", 2, "2 layers, the read-out included"),
        ("hardware.parallelism", "[4]", 2, "2 layers, the read-out included"),
        ("hardware.engine", "[event]", 2, "2 layers, the read-out included"),
        ("hls.parallelism", "[4]", 2, "2 layers, the read-out included"),
    ],
)
def test_list_of_a_wrong_length_names_the_layers(key: str, entries: str, expected: int, layers: str) -> None:
    text = error_of(f"{key}={entries}")
    assert text.startswith(f"--set: {key} = [")
    assert text.endswith(f"but network.hidden = [32] makes {layers}; give {expected} or one for all")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("name = \n", "line 1, column 8: not valid TOML: Invalid value"),
        (
            'name = "a"\n[network\nlevels = 1\n',
            "line 2, column 9: not valid TOML: Expected ']' at the end of a table declaration",
        ),
        ('name = "a"\nname = "b"\n', "line 2, column 11: not valid TOML: Cannot overwrite a value"),
        ("[data]\n", 'name is missing; add a line like name = "my-network"'),
        ('name = "a"\nnetwork = 3\n', "network = 3: network is a table; write [network] and its keys below it"),
        ('name = "a"\n[training]\nepoch = 3\n', "did you mean training.epochs?"),
        ('name = "a"\n[input]\nbits = 9\n', "input.bits = 9: legal is a whole number from 1 to 8"),
        (b'name = "\xff"', "cannot be read as a configuration (not UTF-8 text)"),
    ],
)
def test_wrong_file_is_one_line_that_names_it(tmp_path: Path, text: str | bytes, expected: str) -> None:
    path = with_text(tmp_path, text)
    error = error_of(path=path)
    assert error.startswith(f"{path}: ")
    assert error.endswith(expected)


def test_a_study_is_sent_to_its_own_command(tmp_path: Path) -> None:
    path = with_text(tmp_path, 'name = "a"\n[study]\nmethods = ["pascal"]\n')
    assert error_of(path=path) == f"{path}: has a table [study], so it is no build; run flow.py study {path}"


def test_override_below_a_value_that_is_no_table_is_one_line(tmp_path: Path) -> None:
    path = with_text(tmp_path, 'name = "a"\nnetwork = 3\n')
    assert error_of("network.levels=1", path=path).endswith("write [network] and its keys below it")


def test_missing_file_names_the_ready_ones() -> None:
    ready = ", ".join(f"configs/{path.name}" for path in sorted(CONFIGS.glob("*.toml")))
    assert error_of(path=Path("configs/digit.toml")) == f"configs/digit.toml: no such configuration; ready ones are {ready}"


def test_folder_is_no_configuration(tmp_path: Path) -> None:
    assert error_of(path=tmp_path) == f"{tmp_path}: cannot be read as a configuration (Is a directory)"


@pytest.mark.parametrize("key", key_schemas())
def test_every_key_is_in_the_table_of_the_readme(key: str) -> None:
    section, _, last = key.rpartition(".")
    readme = (CONFIGS.parent / "README.md").read_text(encoding="utf-8")
    rows = [line for line in readme.splitlines() if line.startswith(f"| `{section or key}")]
    assert any(f"`{key}`" in row or f"`.{last}`" in row for row in rows)


@pytest.mark.parametrize("key", key_schemas())
def test_every_key_has_words_for_its_legal_values(key: str) -> None:
    assert legal_values(key)


@given(key=st.sampled_from([key for key in key_schemas() if key != "name"]), value=st.integers(-(10**6), 10**6))
def test_every_whole_number_is_taken_or_refused_by_its_key(key: str, value: int) -> None:
    override = f"{key}={value}"
    try:
        load_configuration(DIGITS, [override])
        return
    except UserError:
        error = error_of(override)
    assert {key, str(value)} <= {word.strip(":';") for word in error.split()}
