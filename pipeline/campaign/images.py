"""The data set of a command, and copies of it with fewer test images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from model.base.errors import UserError
from model.base.files import read_json, write_json
from model.config.schema import Configuration
from model.data import load_dataset
from model.data.dataset import Dataset, Part, save_dataset
from pipeline.campaign.steps import DATA, inputs
from pipeline.campaign.store import Store
from pipeline.manifest import read_manifest
from pipeline.step import Settings

KIND = "data"


@dataclass(frozen=True)
class Images:
    """A data set on disk: its folder, the digest of its files, and its test images."""

    folder: Path
    digest: str
    count: int


def whole_dataset(store: Store, config: Configuration, data_dir: Path | None) -> Images:
    """The data set as the data step makes it.

    Raises:
        UserError: its files are missing or damaged.
    """
    settings = Settings(config, data_dir)

    def action(partial: Path) -> list[str]:
        DATA.run(settings, {}, partial)
        return []

    return _described(store.bring(KIND, inputs(DATA, config) | {"files": DATA.files(settings)}, action)[0])


def first_images(store: Store, config: Configuration, whole: Images, count: int | None) -> Images:
    """The same data set with the first test images only; the whole one where ``count`` is None or not less."""
    if count is None or count >= whole.count:
        return whole

    def action(partial: Path) -> list[str]:
        dataset = load_dataset(whole.folder / "dataset.npz")
        test = Part(dataset.test.images[:count], dataset.test.labels[:count])
        save_dataset(Dataset(dataset.train, dataset.validation, test, dataset.classes), partial / "dataset.npz")
        description = read_json(whole.folder / "data.json")
        write_json(partial / "data.json", description | {"counts": description["counts"] | {"test": count}})
        return []

    own = inputs(DATA, config) | {"steps": {"data": whole.digest, "test images": str(count)}}
    return _described(store.bring(KIND, own, action)[0])


def _described(folder: Path) -> Images:
    manifest = read_manifest(folder)
    if manifest is None:
        raise UserError(f"{folder}: the data set is gone; run the same command again")
    return Images(folder, manifest.digest, int(read_json(folder / "data.json")["counts"]["test"]))
