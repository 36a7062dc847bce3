"""The train step: from a data set to a checkpoint and what is known about it."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor

from model.base.errors import UserError
from model.base.files import sha256_of, write_json
from model.config.schema import Configuration
from model.conversion.resolve import check_configuration
from model.data import Dataset, Part, load_dataset
from model.training.checkpoint import TrainingState, fingerprint, library_versions
from model.training.loop import Trainer, deterministic, pixel_levels
from model.training.network import QuantisedNetwork, predict

CHECKPOINT = "checkpoint.pt"


def run_train(config: Configuration, device: str, data: Path, out: Path) -> None:
    """Write ``checkpoint.pt`` and ``train.json``; a checkpoint of the same run that is there already is resumed.

    The test part is evaluated once, after the epoch was selected on the validation part.

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
    path = out / CHECKPOINT
    with deterministic(config.training.seed):
        run = fingerprint(config, device, sha256_of(data / "dataset.npz"))
        state = Trainer(config, dataset, device, path, run).run()
        network = best_network(config, dataset, state)
        accuracy = {
            "train": accuracy_of(network, dataset.train, config),
            "validation": accuracy_of(network, dataset.validation, config),
            "test": accuracy_of(network, dataset.test, config),
        }
    summary = {
        "accuracy": accuracy,
        "epochs": state.epoch,
        "best_epoch": state.best_epoch,
        "seed": config.training.seed,
        "device": device,
        **library_versions(),
        "history": state.history,
    }
    write_json(out / "train.json", summary)


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
    """The network of the selected epoch, on the CPU, in evaluation mode."""
    network = QuantisedNetwork(config, math.prod(dataset.shape), dataset.classes)
    network.load_state_dict(state.best_network)
    network.eval()
    return network


def accuracy_of(network: torch.nn.Module, part: Part, config: Configuration) -> float:
    """Share of the part's images that a network on input levels classifies rightly, 0..1."""
    guesses: Tensor = predict(network, pixel_levels(part.images, config.input.bits).flatten(1))
    return float((guesses.numpy() == part.labels).mean())
