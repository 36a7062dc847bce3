"""MNIST from its four IDX files, and its fixed split."""

from __future__ import annotations

from pathlib import Path

from model.base.errors import UserError
from model.data.dataset import Dataset, Part
from model.data.idx import IdxFile, read_idx

CLASSES = 10
_VALIDATION_IMAGES = 5000

TRAIN_IMAGES = IdxFile("train-images-idx3-ubyte", (60000, 28, 28), "6bbc9ace898e44ae57da46a324031adb")
TRAIN_LABELS = IdxFile("train-labels-idx1-ubyte", (60000,), "a25bea736e30d166cdddb491f175f624", CLASSES)
TEST_IMAGES = IdxFile("t10k-images-idx3-ubyte", (10000, 28, 28), "2646ac647ad5339dbf082846283269ea")
TEST_LABELS = IdxFile("t10k-labels-idx1-ubyte", (10000,), "27ae3e4e09519cfbb04c329615203637", CLASSES)

_FILES = "the four original MNIST IDX files, plain or .gz"
_ADVICE = f"put {_FILES}, there"


def load_mnist(folder: Path | None) -> tuple[Dataset, dict[str, str]]:
    """The data set and the MD5 of every uncompressed file.

    The last 5,000 of the 60,000 training images are the validation part; the 10,000 images of the t10k files are the test part.

    Args:
        folder: where the four files are, plain or gzip.

    Raises:
        UserError: no folder, or a file is missing or not the original.
    """
    if folder is None:
        raise UserError(f"data.source is 'mnist', whose files are read from a folder: add --data-dir DIR; {_ADVICE}")
    if folder.exists() and not folder.is_dir():
        raise UserError(f"--data-dir {folder}: a file, not a folder; give the folder that holds {_FILES}")
    if not folder.is_dir():
        raise UserError(f"--data-dir {folder}: no such folder; {_ADVICE}")
    files = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)
    images, labels, test_images, test_labels = (read_idx(folder, file, _ADVICE) for file in files)
    first = len(labels) - _VALIDATION_IMAGES
    dataset = Dataset(
        Part(images[:first], labels[:first]), Part(images[first:], labels[first:]), Part(test_images, test_labels), CLASSES
    )
    return dataset, {file.name: file.md5 for file in files}
