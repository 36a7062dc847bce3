"""Data sets: their split, their files, and what bad files get."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model.base.errors import UserError
from model.base.files import read_json
from model.config import Configuration
from model.data import Dataset, Part, load_dataset, mnist, save_dataset
from model.data.digits import load_digits
from model.data.idx import IdxFile, read_idx
from model.data.step import run_data

ADVICE = "put it there"
IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
LABELS = np.array([3, 0, 9], dtype=np.uint8)


def idx_bytes(values: np.ndarray) -> bytes:
    header = (0x0800 | values.ndim).to_bytes(4, "big") + b"".join(size.to_bytes(4, "big") for size in values.shape)
    return header + values.tobytes()


def described(name: str, values: np.ndarray, legal: int = 256) -> IdxFile:
    return IdxFile(name, values.shape, hashlib.md5(idx_bytes(values)).hexdigest(), legal)


def refusal(folder: Path, expected: IdxFile) -> str:
    with pytest.raises(UserError) as error:
        read_idx(folder, expected, ADVICE)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("values", [IMAGES, LABELS])
def test_idx_files_are_read_plain_and_gzip(tmp_path: Path, values: np.ndarray) -> None:
    expected = described("file", values)
    (tmp_path / "file.gz").write_bytes(gzip.compress(idx_bytes(values)))
    assert np.array_equal(read_idx(tmp_path, expected, ADVICE), values)
    (tmp_path / "file.gz").unlink()
    (tmp_path / "file").write_bytes(idx_bytes(values))
    assert np.array_equal(read_idx(tmp_path, expected, ADVICE), values)


def test_a_missing_idx_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, described("file", LABELS)) == (
        f"{tmp_path}: neither file nor file.gz is in this folder; put it there"
    )


BAD_FILES: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("truncated", lambda content: content[:-1], "truncated, 10 bytes; expected 11"),
    ("empty", lambda _content: b"", "truncated, 0 bytes; expected 11"),
    ("header only in part", lambda content: content[:6], "truncated, 6 bytes; expected 11"),
    ("too long", lambda content: content + b"\0", "too long, 12 bytes; expected 11"),
    ("magic of images", lambda content: b"\0\0\x08\x03" + content[4:], "magic number is 2051; expected 2049"),
    ("a web page", lambda _content: b"<html>not found</html>", "magic number is 1013478509; expected 2049"),
    ("another shape", lambda content: content[:7] + b"\x04" + content[8:], "shape is (4,); expected (3,)"),
    ("an illegal label", lambda content: content[:-1] + b"\x0a", "label 10 at index 2; legal are 0 to 9"),
    (
        "another legal label",
        lambda content: content[:-1] + b"\x08",
        "MD5 of the uncompressed file is …",
    ),
]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name, damage, text", BAD_FILES, ids=[name for name, _, _ in BAD_FILES])
def test_damaged_idx_files_are_refused(
    tmp_path: Path, name: str, damage: Callable[[bytes], bytes], text: str, packed: bool
) -> None:
    expected = described("labels", LABELS, legal=10)
    content = damage(idx_bytes(LABELS))
    path = tmp_path / ("labels.gz" if packed else "labels")
    path.write_bytes(gzip.compress(content) if packed else content)
    if name == "another legal label":
        text = f"MD5 of the uncompressed file is {hashlib.md5(content).hexdigest()}; expected {expected.md5}"
    assert refusal(tmp_path, expected) == f"{path}: {text}; put it there"


def test_damaged_gzip_files_are_refused(tmp_path: Path) -> None:
    expected = described("labels", LABELS)
    path = tmp_path / "labels.gz"
    whole = gzip.compress(idx_bytes(LABELS))
    path.write_bytes(whole[:-9])
    assert refusal(tmp_path, expected) == f"{path}: the gzip file is truncated; put it there"
    path.write_bytes(b"not gzip at all")
    assert refusal(tmp_path, expected) == f"{path}: not a whole gzip file (Not a gzipped file (b'no')); put it there"
    path.write_bytes(whole[:-8] + b"\0\0\0\0" + whole[-4:])
    assert refusal(tmp_path, expected).startswith(f"{path}: not a whole gzip file (CRC check failed")


def test_mnist_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        mnist.load_mnist(None)
    assert str(error.value) == (
        "data.source is 'mnist', whose files are read from a folder: add --data-dir DIR;"
        " put the four original MNIST IDX files, plain or .gz, there"
    )
    with pytest.raises(UserError) as error:
        mnist.load_mnist(tmp_path / "none")
    assert str(error.value) == (
        f"--data-dir {tmp_path / 'none'}: no such folder; put the four original MNIST IDX files, plain or .gz, there"
    )
    with pytest.raises(UserError, match=r": neither train-images-idx3-ubyte nor train-images-idx3-ubyte\.gz is in this folder"):
        mnist.load_mnist(tmp_path)


def test_a_file_where_mnist_needs_a_folder_is_called_a_file(tmp_path: Path) -> None:
    file = tmp_path / "train-images-idx3-ubyte.gz"
    file.write_bytes(b"")
    with pytest.raises(UserError) as error:
        mnist.load_mnist(file)
    assert str(error.value) == (
        f"--data-dir {file}: a file, not a folder; give the folder that holds the four original MNIST IDX files, plain or .gz"
    )


def test_the_last_training_images_of_mnist_are_its_validation_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same reader on files of the same form and fewer images."""
    generator = np.random.default_rng(1)
    for constant, shape, legal in (
        ("TRAIN_IMAGES", (12, 28, 28), 256),
        ("TRAIN_LABELS", (12,), 10),
        ("TEST_IMAGES", (4, 28, 28), 256),
        ("TEST_LABELS", (4,), 10),
    ):
        name = getattr(mnist, constant).name
        values = generator.integers(0, legal, shape, dtype=np.uint8)
        (tmp_path / name).write_bytes(idx_bytes(values))
        monkeypatch.setattr(mnist, constant, described(name, values, legal))
    monkeypatch.setattr(mnist, "_VALIDATION_IMAGES", 5)
    dataset, checksums = mnist.load_mnist(tmp_path)
    assert dataset.counts == {"train": 7, "validation": 5, "test": 4}
    assert sorted(checksums) == [
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
    ]
    both = np.concatenate([dataset.train.images, dataset.validation.images])
    assert np.array_equal(both, read_idx(tmp_path, mnist.TRAIN_IMAGES, ADVICE))


def test_mnist_is_described_as_published() -> None:
    assert mnist.TRAIN_IMAGES.magic == 2051
    assert mnist.TEST_LABELS.magic == 2049
    assert mnist.TRAIN_IMAGES.header.hex() == "000008030000ea600000001c0000001c"


def test_digits_are_split_once_and_for_all() -> None:
    dataset, checksums = load_digits()
    assert dataset.counts == {"train": 1257, "validation": 180, "test": 360}
    assert dataset.shape == (8, 8)
    assert checksums == {"sklearn digits": "bae331857ae2bff4120be9a3444b2f26"}
    for part, least in ((dataset.train, 120), (dataset.validation, 17), (dataset.test, 34)):
        assert np.bincount(part.labels).min() >= least
    assert hashlib.md5(dataset.test.images.tobytes()).hexdigest() == "6cde96f523f6c11f386012d0027571d8"


def test_the_top_four_bits_of_a_digit_are_its_grey_value() -> None:
    from sklearn.datasets import load_digits as bundled_digits

    grey = bundled_digits().images.astype(int)
    dataset, _ = load_digits()
    pixels = np.concatenate([dataset.train.images, dataset.validation.images, dataset.test.images])
    assert sorted((pixels >> 4).sum(axis=(1, 2))) == sorted(np.minimum(grey, 15).sum(axis=(1, 2)))


def test_no_image_is_in_two_parts() -> None:
    dataset, _ = load_digits()
    seen = [{image.tobytes() for image in part.images} for part in (dataset.train, dataset.validation, dataset.test)]
    assert sum(len(images) for images in seen) == len(set().union(*seen))


def test_a_data_set_survives_its_file(tmp_path: Path) -> None:
    part = Part(np.arange(8, dtype=np.uint8).reshape(2, 2, 2), np.array([1, 0], dtype=np.uint8))
    save_dataset(Dataset(part, part, part, 3), tmp_path / "dataset.npz")
    again = load_dataset(tmp_path / "dataset.npz")
    assert np.array_equal(again.test.images, part.images)
    assert np.array_equal(again.validation.labels, part.labels)
    assert again.classes == 3


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 damaged", b"no archive"])
def test_a_damaged_data_set_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "dataset.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r": no readable data set \(.*\); run the data step again$"):
        load_dataset(path)


def test_the_data_step_describes_what_it_wrote(tmp_path: Path) -> None:
    run_data(Configuration(name="digits"), None, tmp_path)
    assert read_json(tmp_path / "data.json") == {
        "source": "digits",
        "title": "digits",
        "shape": [8, 8],
        "classes": 10,
        "class_names": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        "counts": {"train": 1257, "validation": 180, "test": 360},
        "checksums": load_digits()[1],
    }
    assert load_dataset(tmp_path / "dataset.npz").counts == {"train": 1257, "validation": 180, "test": 360}
