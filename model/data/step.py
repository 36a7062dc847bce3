"""The data step: from a source to one checked file in a fixed split."""

from __future__ import annotations

from pathlib import Path

from model.base.files import write_json
from model.config.schema import Configuration
from model.data.cifar10 import CLASS_NAMES, load_cifar10
from model.data.dataset import Dataset, save_dataset
from model.data.digits import load_digits
from model.data.image_folder import load_image_folder
from model.data.mnist import load_mnist


def run_data(config: Configuration, data_dir: Path | None, out: Path) -> None:
    """Write ``dataset.npz`` and ``data.json``.

    Args:
        config: the source is ``data.source``, its name in reports ``data.title``.
        data_dir: where the source's files are; not used by digits.
        out: the step's folder.

    Raises:
        UserError: the source's files are missing or damaged.
    """
    dataset, checksums, class_names = _read(config.data.source, data_dir)
    save_dataset(dataset, out / "dataset.npz")
    description = {
        "source": config.data.source,
        "title": config.data.title or config.data.source,
        "shape": list(dataset.shape),
        "classes": dataset.classes,
        "class_names": class_names,
        "counts": dataset.counts,
        "checksums": checksums,
    }
    write_json(out / "data.json", description)


def _read(source: str, data_dir: Path | None) -> tuple[Dataset, dict[str, str], list[str]]:
    """The data set, checksums of its files by name, and class names by label."""
    if source == "image-folder":
        return load_image_folder(data_dir)
    if source == "cifar10":
        return (*load_cifar10(data_dir), list(CLASS_NAMES))
    dataset, checksums = load_mnist(data_dir) if source == "mnist" else load_digits()
    return dataset, checksums, [str(label) for label in range(dataset.classes)]
