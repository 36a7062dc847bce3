"""The data step: from a source to one checked file in a fixed split."""

from __future__ import annotations

from pathlib import Path

from model.base.files import write_json
from model.config.schema import Configuration
from model.data.dataset import save_dataset
from model.data.digits import load_digits
from model.data.mnist import load_mnist


def run_data(config: Configuration, data_dir: Path | None, out: Path) -> None:
    """Write ``dataset.npz`` and ``data.json``.

    Args:
        config: the source is ``data.source``.
        data_dir: where the source's files are; not used by digits.
        out: the step's folder.

    Raises:
        UserError: the source's files are missing or damaged.
    """
    dataset, checksums = load_digits() if config.data.source == "digits" else load_mnist(data_dir)
    save_dataset(dataset, out / "dataset.npz")
    description = {
        "source": config.data.source,
        "shape": list(dataset.shape),
        "classes": dataset.classes,
        "counts": dataset.counts,
        "checksums": checksums,
    }
    write_json(out / "data.json", description)
