"""The train step: from a data set to a checkpoint and what is known about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from model.base.errors import UserError
from model.base.files import sha256_of, write_json
from model.base.progress import Progress, progress
from model.config.effective import activation_of, fine_tunes
from model.config.schema import Configuration
from model.conversion.resolve import check_configuration
from model.data import Dataset, Part, load_dataset
from model.training.activations import first_stage_shapes
from model.training.checkpoint import (
    TrainingState,
    fine_tuning_fingerprint,
    fingerprint,
    library_versions,
    load_checkpoint,
    read_checkpoint,
    save_checkpoint,
    warm_start_fingerprint,
)
from model.training.entropy import start_at_most_entropy
from model.training.fine_tuning import decided_before, second_stage_network
from model.training.loop import Trainer, deterministic, first_stage, float_stage, pixel_levels, second_stage
from model.training.network import QuantisedNetwork, predict
from model.training.ready import ready_state
from model.training.warm_start import best_float_network, float_network, report, start_from, warms_up

CHECKPOINT = "checkpoint.pt"
FINE_TUNED = "fine_tuned.pt"
WARM_START = "warm_start.pt"
# Training images on which clips are chosen.
_START_IMAGES = 2048


def run_train(config: Configuration, device: str, data: Path, out: Path) -> None:
    """Write ``checkpoint.pt``, ``warm_start.pt`` and ``fine_tuned.pt`` where there are such stages, and ``train.json``.

    A checkpoint of the same run that is there already is resumed. The test part is evaluated once for each stage, after its epoch
    was selected on the validation part.

    Args:
        config: what to train and how.
        device: ``cpu`` or ``cuda``.
        data: folder of the data step.
        out: the step's folder.

    Raises:
        UserError: no such device, an impossible configuration, or the training diverged.
    """
    check_configuration(config)
    check_device(device)
    dataset = load_dataset(data / "dataset.npz")
    digest = sha256_of(data / "dataset.npz")
    taken = _take_ready(config, dataset, device, digest, out)
    with deterministic(config.training.seed, config.training.threads):
        states = [_first_stage(config, dataset, device, digest, out)]
        if fine_tunes(config):
            states.append(_second_stage(config, dataset, device, states[0], out))
        stages = [
            _summary_of(stage, config, dataset, state) for stage, state in zip(("training", "fine_tuning"), states, strict=False)
        ]
    last = stages[-1]
    summary = {
        "activation": activation_of(config),
        "accuracy": last["accuracy"],
        "levels": last["levels"],
        "epochs": last["epochs"],
        "best_epoch": last["best_epoch"],
        "seed": config.training.seed,
        "device": device,
        **library_versions(),
        **taken,
        "history": last["history"],
        "stages": stages,
    }
    write_json(out / "train.json", summary)


def _take_ready(config: Configuration, dataset: Dataset, device: str, digest: str, out: Path) -> dict[str, Any]:
    """Put the ready network, if there is one, in the place of the first stage's checkpoint; what the summary says of it."""
    run = fingerprint(config, device, digest)
    found = ready_state(config, dataset, run)
    if found is None:
        return {}
    state, origin = found
    save_checkpoint(state, out / CHECKPOINT)
    same = origin.dataset_sha256 == digest
    return {"ready": {"name": config.training.ready, "trained_on": origin.data, "same_images": same, **origin.versions}}


def _first_stage(config: Configuration, dataset: Dataset, device: str, digest: str, out: Path) -> TrainingState:
    run = fingerprint(config, device, digest)
    path = out / CHECKPOINT
    before = load_checkpoint(path, run)
    trained = _warm_start(config, dataset, device, digest, out) if before is None and warms_up(config) else None
    network = QuantisedNetwork(config, dataset.shape, dataset.classes)
    found = _start(config, dataset, network, trained) if before is None else before.found
    return Trainer(config, first_stage(config), dataset, network, device, path, run, found).run()


def _start(config: Configuration, dataset: Dataset, network: QuantisedNetwork, trained: TrainingState | None) -> dict[str, Any]:
    """Set weights and clips that are known before the first epoch; what the checkpoint keeps of them."""
    images = pixel_levels(dataset.train.images[:_START_IMAGES], config.input.bits).flatten(1)
    found: dict[str, Any] = {}
    if trained is not None:
        first = best_float_network(config, dataset, trained)
        found["warm_start"] = report(trained, _accuracies(first, config, dataset), start_from(network, first, images))
    if activation_of(config) == "signed":
        found["first_clips"] = start_at_most_entropy(network, images)
    return found


def _warm_start(config: Configuration, dataset: Dataset, device: str, digest: str, out: Path) -> TrainingState:
    run = warm_start_fingerprint(config, device, digest)
    network = float_network(config, dataset)
    return Trainer(config, float_stage(config), dataset, network, device, out / WARM_START, run).run()


def _second_stage(config: Configuration, dataset: Dataset, device: str, first: TrainingState, out: Path) -> TrainingState:
    run = fine_tuning_fingerprint(config, first.fingerprint)
    path = out / FINE_TUNED
    before = load_checkpoint(path, run)
    pretrained = best_network(config, dataset, first)
    found = decided_before(config, dataset, pretrained) if before is None else before.found
    network = second_stage_network(config, pretrained, found["levels"])
    return Trainer(config, second_stage(config), dataset, network, device, path, run, found).run()


def _summary_of(stage: str, config: Configuration, dataset: Dataset, state: TrainingState) -> dict[str, Any]:
    network = best_network(config, dataset, state)
    return {
        "stage": stage,
        "accuracy": _accuracies(network, config, dataset),
        "levels": [layer.levels for layer in network.layers()],
        "clips": [layer.activation.clip for layer in network.layers()],
        "epochs": state.epoch,
        "best_epoch": state.best_epoch,
        "history": state.history,
        **{name: value for name, value in state.found.items() if name != "levels"},
    }


def _accuracies(network: QuantisedNetwork, config: Configuration, dataset: Dataset) -> dict[str, float]:
    # Nothing is decided by the training images: their loss is in the history.
    parts = {"validation": dataset.validation, "test": dataset.test}
    with progress(sum(len(part.labels) for part in parts.values()), "accuracy of the trained network", "images") as shown:
        return {name: accuracy_of(network, part, config, shown) for name, part in parts.items()}


def check_device(device: str) -> None:
    """Refuse a device that is not there.

    Raises:
        UserError: unknown, or torch finds no CUDA device.
    """
    if device not in ("cpu", "cuda"):
        raise UserError(f"--device {device}: legal are cpu and cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise UserError("--device cuda: torch finds no CUDA device; use --device cpu, or install the CUDA build of torch")


def best_network(config: Configuration, dataset: Dataset, state: TrainingState) -> QuantisedNetwork:
    """The network of the selected epoch of either stage, on the CPU, in evaluation mode."""
    shapes = first_stage_shapes(config)
    if "levels" in state.found:
        shapes = [shape.with_levels(levels, shape.clip) for shape, levels in zip(shapes, state.found["levels"], strict=True)]
    network = QuantisedNetwork(config, dataset.shape, dataset.classes, shapes)
    network.load_state_dict(state.best_network)
    network.eval()
    return network


def trained_network(config: Configuration, dataset: Dataset, folder: Path) -> QuantisedNetwork:
    """The network that the train step ended with, of whatever stage, on the CPU, in evaluation mode.

    Args:
        config: that the folder was trained with.
        dataset: that it was trained on.
        folder: of the train step.

    Raises:
        UserError: the checkpoint is missing or damaged.
    """
    return best_network(config, dataset, read_checkpoint(folder / (FINE_TUNED if fine_tunes(config) else CHECKPOINT)))


def accuracy_of(network: torch.nn.Module, part: Part, config: Configuration, shown: Progress | None = None) -> float:
    """Share of the part's images that a network on input levels classifies rightly, 0..1; see ``predict``."""
    guesses: Tensor = predict(network, pixel_levels(part.images, config.input.bits).flatten(1), shown)
    return float((guesses.numpy() == part.labels).mean())
