"""Networks that ship trained: ``training.ready`` names one, which is taken instead of training.

Everything that decides a training but the images themselves is compared, so what is taken is what training would have made on
the images that it was trained on. ``python -m model.training.ready CONFIG BUILD`` makes a file from a build whose train step has
run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from model.base.errors import UserError
from model.base.files import read_json, replacing, sha256_of
from model.config.describe import nearest, shown
from model.config.load import load_configuration
from model.config.schema import Configuration
from model.data import Dataset, load_dataset
from model.training.checkpoint import TrainingState, decisive_keys, fingerprint, library_versions, read_checkpoint

FOLDER = Path(__file__).parents[1] / "ready"
OFF = "off"
# Keys whose auto is what the conversion method takes.
_FOLLOWS_METHOD = ("network.activation", "network.pooling")


@dataclass(frozen=True)
class Origin:
    """Where a ready network comes from.

    Attributes:
        configuration: values of the keys that decided its training, by dotted name.
        data: title of the data set.
        dataset_sha256: of the data set's file.
        image_shape: of the images that it takes, rows and columns, channels first where there are several.
        classes: how many it tells apart.
        versions: of torch and Brevitas.
        epochs: that were trained.
        best_epoch: the one that was selected.
        best_accuracy: its validation accuracy.
        history: one entry an epoch.
        found: as in ``TrainingState``.
    """

    configuration: dict[str, Any]
    data: str
    dataset_sha256: str
    image_shape: list[int]
    classes: int
    versions: dict[str, str]
    epochs: int
    best_epoch: int
    best_accuracy: float
    history: list[dict[str, float]]
    found: dict[str, Any]


def decisive_values(config: Configuration) -> dict[str, Any]:
    """``decisive_keys`` by dotted name."""
    return {f"{section}.{key}": value for section, values in decisive_keys(config).items() for key, value in values.items()}


def ready_names() -> list[str]:
    """Names of the networks that ship trained."""
    return sorted(path.stem for path in FOLDER.glob("*.safetensors"))


def ready_state(config: Configuration, dataset: Dataset, run: str) -> tuple[TrainingState, Origin] | None:
    """What the first stage of training ends with, from the file; None where ``training.ready`` is off.

    Args:
        config: the build's.
        dataset: the build's; the network must take its images and tell its classes apart.
        run: fingerprint that the state is to have, so that it is taken for the end of this training.

    Raises:
        UserError: no such network, a damaged file, or one that was trained otherwise or on other images; the text names the
            difference.
    """
    name = config.training.ready
    if name == OFF:
        return None
    legal = [OFF, *ready_names()]
    if name not in legal:
        raise UserError(f"training.ready = {shown(name)}: legal are {', '.join(legal)}{nearest(name, legal)}")
    origin, network = read_ready(FOLDER / f"{name}.safetensors")
    refuse_other_images(name, origin, dataset)
    refuse_what_differs(name, origin, config)
    empty: dict[str, Any] = {}
    state = TrainingState(
        fingerprint=run,
        epoch=origin.epochs,
        network=network,
        optimiser=empty,
        schedule=empty,
        random=torch.empty(0, dtype=torch.uint8),
        best_epoch=origin.best_epoch,
        best_accuracy=origin.best_accuracy,
        best_network=network,
        history=origin.history,
        found=origin.found,
    )
    return state, origin


def refuse_other_images(name: str, origin: Origin, dataset: Dataset) -> None:
    """Compare what a network's sizes follow from.

    Raises:
        UserError: images of another size, or another number of classes; the text has both.
    """
    trained, wanted = _sizes(origin.image_shape, origin.classes), _sizes(dataset.shape, dataset.classes)
    if trained != wanted:
        raise UserError(
            f"training.ready = {shown(name)} was trained on {trained}, not {wanted}: take such images, or train with"
            f" --set training.ready={OFF}"
        )


def _sizes(image_shape: Sequence[int], classes: int) -> str:
    return f"images of {'×'.join(map(str, image_shape))} in {classes} classes"


def refuse_what_differs(name: str, origin: Origin, config: Configuration) -> None:
    """Compare every key that decides a training.

    Raises:
        UserError: the first key that differs, with both values.
    """
    wanted = decisive_values(config)
    # A key that there was not yet when it was trained is as if it had its default.
    trained = decisive_values(Configuration(name=config.name)) | origin.configuration
    for key in sorted(wanted.keys() | trained.keys()):
        if wanted.get(key) != trained.get(key):
            take = "take a conversion.method that trains with it" if key in _FOLLOWS_METHOD else "take that value"
            raise UserError(
                f"training.ready = {shown(name)} was trained with {key} = {shown(trained.get(key))}, not"
                f" {shown(wanted.get(key))}: {take}, or train with --set training.ready={OFF}"
            )


def read_ready(path: Path) -> tuple[Origin, dict[str, torch.Tensor]]:
    """A file's origin and tensors.

    Raises:
        UserError: missing or damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            origin = Origin(**json.loads(file.metadata()["origin"]))
            return origin, {name: file.get_tensor(name) for name in file.keys()}
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: no readable ready network ({error}); check the file out again") from error


def write_ready(config: Configuration, build: Path, path: Path) -> Origin:
    """Write the network that a build's train step selected in its first stage.

    Args:
        config: the build's configuration.
        build: its folder.
        path: the file.

    Raises:
        UserError: the train step has not run, or it ran with another configuration.
    """
    state = read_checkpoint(build / "train" / "checkpoint.pt")
    digest = sha256_of(build / "data" / "dataset.npz")
    dataset = load_dataset(build / "data" / "dataset.npz")
    device = str(read_json(build / "train" / "train.json")["device"])
    if state.fingerprint != fingerprint(config, device, digest):
        raise UserError(f"{build / 'train'}: trained with another configuration or other versions; run the train step again")
    origin = Origin(
        configuration=decisive_values(config),
        data=str(read_json(build / "data" / "data.json")["title"]),
        dataset_sha256=digest,
        image_shape=list(dataset.shape),
        classes=dataset.classes,
        versions=library_versions(),
        epochs=state.epoch,
        best_epoch=state.best_epoch,
        best_accuracy=state.best_accuracy,
        history=state.history,
        found=state.found,
    )
    tensors = {name: tensor.contiguous() for name, tensor in state.best_network.items()}
    with replacing(path) as beside:
        save_file(tensors, beside, {"origin": json.dumps(asdict(origin))})
    return origin


def main(
    config: Annotated[Path, typer.Argument(help="The TOML file of the build.")],
    build: Annotated[Path, typer.Argument(help="The build's folder; its train step has run.")],
    changes: Annotated[list[str] | None, typer.Option("--set", help="As for flow.py build.")] = None,
) -> None:
    """Write model/ready/NAME.safetensors from a build."""
    try:
        loaded = load_configuration(config, changes or [])
        path = FOLDER / f"{loaded.name}.safetensors"
        origin = write_ready(loaded, build, path)
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from error
    size = path.stat().st_size / 1e6
    typer.echo(f"{path.name}: {size:.2f} MB, validation accuracy {origin.best_accuracy:.4f} on {origin.data}")


if __name__ == "__main__":
    typer.run(main)
