"""The state of a training run on disk, written after every epoch, so that an interrupted run goes on exactly."""

from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from model.base.errors import UserError
from model.base.files import replacing
from model.config.effective import activation_of, first_stage_sees_it
from model.config.schema import Configuration

_FORMAT = "isospike-checkpoint-2"


@dataclass
class TrainingState:
    """Everything that the next epoch depends on.

    Attributes:
        fingerprint: of the configuration, data, device and library versions that the run depends on.
        epoch: finished epochs.
        network: state of the network.
        optimiser: state of the optimiser.
        schedule: state of the learning-rate schedule.
        random: state of the generator of batches and shifts.
        best_epoch: the epoch, from 1, with the highest validation accuracy; the last of equals.
        best_accuracy: its validation accuracy.
        best_network: state of the network after it.
        history: one entry an epoch.
        found: what was decided before the first epoch: with adaptive levels ``levels`` of the hidden layers and ``metrics``,
            with a signed activation ``first_clips``, after a warm start ``warm_start``; empty otherwise.
    """

    fingerprint: str
    epoch: int
    network: dict[str, Any]
    optimiser: dict[str, Any]
    schedule: dict[str, Any]
    random: torch.Tensor
    best_epoch: int
    best_accuracy: float
    best_network: dict[str, Any]
    history: list[dict[str, float]] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)


def library_versions() -> dict[str, str]:
    """Versions of the libraries that a training result depends on."""
    return {"torch": str(torch.__version__), "brevitas": version("brevitas")}


def decisive_keys(config: Configuration) -> dict[str, dict[str, Any]]:
    """Values of all keys that decide the result of the first stage of training, by section."""
    seen = first_stage_sees_it(config).model_dump(mode="json")
    # A ready network is what training would have made, so naming one decides nothing.
    training = {key: value for key, value in seen["training"].items() if key != "ready"}
    return {"data": seen["data"], "input": {"bits": config.input.bits}, "network": seen["network"], "training": training}


def fingerprint(config: Configuration, device: str, dataset_digest: str) -> str:
    """SHA-256 of everything that decides the result of the first stage of training.

    Level counts and conversion methods that use the same trained network have the same one.

    Args:
        config: only its ``decisive_keys`` count.
        device: the kind of device.
        dataset_digest: SHA-256 of the data set's file.
    """
    keys = decisive_keys(config)
    return _digest(
        {
            "format": _FORMAT,
            "data": keys["data"],
            "input_bits": keys["input"]["bits"],
            "network": keys["network"],
            "training": keys["training"],
            "device": device,
            "dataset": dataset_digest,
            "versions": library_versions(),
        }
    )


def warm_start_fingerprint(config: Configuration, device: str, dataset_digest: str) -> str:
    """SHA-256 of everything that decides the float network of a warm start: not levels, weight bits and quantised epochs.

    Args:
        config: as for ``fingerprint``.
        device: the kind of device.
        dataset_digest: SHA-256 of the data set's file.
    """
    quantised_only = ("levels", "lowest_levels", "weight_bits", "activation", "adaptive_levels")
    activation = activation_of(config)
    keys = decisive_keys(config)
    network = {key: value for key, value in keys["network"].items() if key not in quantised_only}
    later = ("epochs", "learning_rate", "spike_penalty", "sparsity")
    training = {key: value for key, value in keys["training"].items() if key not in later}
    return _digest(
        {
            "format": _FORMAT,
            "stage": "warm start",
            "kind": activation if activation in ("signed", "leaky") else "relu",
            "data": keys["data"],
            "input_bits": keys["input"]["bits"],
            "network": network,
            "training": training,
            "device": device,
            "dataset": dataset_digest,
            "versions": library_versions(),
        }
    )


def fine_tuning_fingerprint(config: Configuration, first: str) -> str:
    """SHA-256 of everything that decides the result of the second stage.

    Args:
        config: its levels and fine-tuning section count, and which second stage the method has.
        first: fingerprint of the first stage.
    """
    second = "dual-phase" if config.conversion.method == "dual-phase" else "adaptive levels"
    return _digest(
        {"first": first, "stage": second, "levels": config.network.levels, "fine_tuning": config.fine_tuning.model_dump()}
    )


def _digest(decisive: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def save_checkpoint(state: TrainingState, path: Path) -> None:
    """Write the state, whole or not at all."""
    with replacing(path) as beside, beside.open("wb") as stream:
        torch.save(vars(state), stream)


def load_checkpoint(path: Path, expected_fingerprint: str) -> TrainingState | None:
    """The state of an earlier run of the same configuration on the same data; None where there is none.

    A checkpoint that cannot be read, or of another configuration, is none: training starts anew and replaces it.
    """
    try:
        state = read_checkpoint(path)
    except UserError:
        return None
    return state if state.fingerprint == expected_fingerprint else None


def read_checkpoint(path: Path) -> TrainingState:
    """The state in a file.

    Raises:
        UserError: missing or damaged.
    """
    try:
        return TrainingState(**torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, TypeError, pickle.UnpicklingError) as error:
        reason = str(error).partition("\n")[0]
        raise UserError(f"{path}: no readable checkpoint ({reason}); run the train step again") from error
