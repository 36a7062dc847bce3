"""The training loop: deterministic on the CPU, resumable after every epoch, selected on the validation part."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from model.base.errors import UserError
from model.base.progress import progress
from model.config.schema import Configuration
from model.conversion.resolve import sparsity_by_layer
from model.data import Dataset
from model.data.augment import Augmenter
from model.training.activity import SpikePenalty
from model.training.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from model.training.network import QuantisedNetwork, predict
from model.training.sparsity import Pruning, Ramp

_WARM_UP_EPOCHS = 1.0
_MINUTES_FROM = 120
# A network that guesses has a loss of ln(classes); ten times that only happens when the steps are far too large.
_DIVERGED = 10.0
_MOMENTUM = 0.9


@contextmanager
def deterministic(seed: int, threads: int = 1) -> Iterator[None]:
    """Fixed seed, number of threads and deterministic algorithms while the block runs.

    The threads decide the order in which sums are rounded, on any machine; one is not slowed by a busy second core.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before, algorithms = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    filled = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    # Nothing here reads memory before it is written, and filling it costs a tenth of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        torch.use_deterministic_algorithms(algorithms)
        torch.utils.deterministic.fill_uninitialized_memory = filled  # type: ignore[attr-defined]


def pixel_levels(images: Any, bits: int) -> Tensor:
    """Input levels of uint8 images (images, …): the top ``bits`` bits of every pixel, as the encoder has them."""
    return torch.from_numpy(images >> (8 - bits))


@dataclass(frozen=True)
class Stage:
    """One stage of training: what differs between the first one and fine-tuning.

    Attributes:
        name: for the progress bar.
        key: the configuration's key of its learning rate, for messages.
        epochs: how many.
        learning_rate: the largest of the schedule.
        weight_decay: of the optimiser.
        spike_penalty: the coefficient of ``SpikePenalty``.
        sparsity: share of zero weights of each hidden layer and the readout; empty: none are left out.
        noisy: whether the activations draw random numbers.
        from_start: whether the network as it came in may be selected too, as epoch 0.
    """

    name: str
    key: str
    epochs: int
    learning_rate: float
    weight_decay: float
    spike_penalty: float = 0.0
    sparsity: tuple[float, ...] = ()
    noisy: bool = False
    from_start: bool = False


def first_stage(config: Configuration) -> Stage:
    """Training from random weights."""
    settings = config.training
    key, rate = "training.learning_rate", settings.learning_rate
    sparsity = sparsity_by_layer(config)
    return Stage("training", key, settings.epochs, rate, settings.weight_decay, settings.spike_penalty, sparsity)


def float_stage(config: Configuration) -> Stage:
    """The warm start, in float."""
    settings = config.training
    key, rate = "training.warm_start_learning_rate", settings.warm_start_learning_rate
    return Stage("warm start", key, settings.warm_start_epochs, rate, settings.weight_decay)


def second_stage(config: Configuration) -> Stage:
    """Fine-tuning: no weight decay, which dual-phase has none of; its clamp is noisy."""
    settings = config.fine_tuning
    noisy = config.conversion.method == "dual-phase" and settings.denoise > 0
    key, penalty, sparsity = "fine_tuning.learning_rate", config.training.spike_penalty, sparsity_by_layer(config)
    return Stage("fine-tuning", key, settings.epochs, settings.learning_rate, 0.0, penalty, sparsity, noisy, from_start=True)


class _Clock:
    """How long a stage will take, from the batches so far."""

    def __init__(self, batches: int) -> None:
        self._batches, self._done = batches, 0
        self._started = time.monotonic()

    def left_after_a_batch(self) -> str:
        """Count one more batch."""
        self._done += 1
        return self.left()

    def left(self) -> str:
        """In words."""
        seconds = (time.monotonic() - self._started) / max(self._done, 1) * (self._batches - self._done)
        return f"about {seconds / 60:.0f} min left" if seconds >= _MINUTES_FROM else f"about {seconds:.0f} s left"


def mixed_precision(device: torch.device) -> AbstractContextManager[object]:
    """Products in bfloat16 on a GPU that has them; weights, sums of gradients and levels stay in single precision.

    On the CPU nothing changes, and networks are evaluated in single precision everywhere.
    """
    if device.type != "cuda" or not torch.cuda.is_bf16_supported():
        return nullcontext()
    return torch.autocast("cuda", torch.bfloat16)


def optimiser_of(kind: str, network: QuantisedNetwork, stage: Stage) -> torch.optim.Optimizer:
    """A fresh ``adamw`` or ``sgd`` of all parameters of a network."""
    rate, decay = stage.learning_rate, stage.weight_decay
    if kind == "sgd":
        return torch.optim.SGD(network.parameters(), lr=rate, momentum=_MOMENTUM, nesterov=True, weight_decay=decay)
    return torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)


class Trainer:
    """One stage of one training run.

    Args:
        config: sizes, batches, shifts and the seed.
        stage: how long and how fast.
        dataset: its training part is learnt, its validation part selects the epoch; its test part is not looked at.
        network: where the stage starts; trained in place.
        device: torch device.
        path: where the checkpoint is written.
        fingerprint: of everything that the result depends on.
        found: what was decided before the stage's first epoch; kept in its checkpoint.
    """

    def __init__(
        self,
        config: Configuration,
        stage: Stage,
        dataset: Dataset,
        network: QuantisedNetwork,
        device: str,
        path: Path,
        fingerprint: str,
        found: dict[str, Any] | None = None,
    ) -> None:
        self._stage = stage
        self._path = path
        self._fingerprint = fingerprint
        self._found = found or {}
        self._device = torch.device(device)
        bits = config.input.bits
        pixels = pixel_levels(dataset.train.images, bits).to(device)
        self._augmenter = Augmenter(pixels, config.data.shift, config.data.flip, config.data.cutout)
        self._labels = self._on_device(dataset.train.labels)
        self._validation = pixel_levels(dataset.validation.images, bits).flatten(1).to(device)
        self._validation_labels = self._on_device(dataset.validation.labels)
        self._classes = dataset.classes
        self._kind = config.training.optimiser
        self._batch = min(config.training.batch_size, len(self._labels))
        self._batches = len(self._labels) // self._batch
        self._generator = torch.Generator().manual_seed(config.training.seed)
        self.network = network.to(device)
        self._begin()

    def _begin(self) -> None:
        """A fresh optimiser, schedule and pruning of the network's parameters."""
        stage = self._stage
        sparsity = stage.sparsity or (0.0,) * (len(self.network.layers()) + 1)
        self._pruning = Pruning(self.network, sparsity, Ramp(stage.epochs, stage.from_start))
        self._optimiser = optimiser_of(self._kind, self.network, self._stage)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimiser, self._rate())

    def _on_device(self, labels: Any) -> Tensor:
        return torch.from_numpy(labels).long().to(self._device)

    def _rate(self) -> Callable[[int], float]:
        """Share of the learning rate by step: linear warm-up, then half a cosine down to zero."""
        total = self._stage.epochs * self._batches
        warm_up = min(_WARM_UP_EPOCHS * self._batches, 0.1 * total)

        def share(step: int) -> float:
            if step < warm_up:
                return (step + 1) / (warm_up + 1)
            return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(total - warm_up, 1)))

        return share

    def run(self) -> TrainingState:
        """Train up to the last epoch, from the checkpoint where there is one.

        Raises:
            UserError: the loss is not a number or grows far beyond that of guessing.
        """
        state = load_checkpoint(self._path, self._fingerprint)
        if state is not None and state.epoch >= self._stage.epochs:
            return state
        if state is not None:
            self._restore(state)
        elif self._stage.from_start:
            accuracy = self._accuracy()
            self._found = {**self._found, "validation_accuracy_before": accuracy}
            state = self._state(None, 0, accuracy, [])
            save_checkpoint(state, self._path)
        epochs = self._stage.epochs
        with progress(epochs, self._stage.name, "epochs") as shown:
            first = 1 if state is None else state.epoch + 1
            shown.advance(first - 1)
            clock = _Clock((epochs - first + 1) * self._batches)
            for epoch in range(first, epochs + 1):
                loss = self._train_epoch(epoch, lambda: shown.note(clock.left_after_a_batch()))
                state = self._after_epoch(state, epoch, loss)
                save_checkpoint(state, self._path)
                accuracy = state.history[-1]["validation_accuracy"]
                shown.note(f"loss {loss:.3f}, validation accuracy {accuracy:.4f}, {clock.left()}")
                shown.advance()
        assert state is not None
        return state

    def _train_epoch(self, epoch: int, after_batch: Callable[[], None]) -> float:
        self.network.train()
        self._pruning.begin(epoch)
        if self._stage.noisy:
            # The noise comes from the global generator; so it depends on nothing but this one, whose state is kept.
            torch.manual_seed(int(torch.randint(1 << 62, (), generator=self._generator)))
        order = torch.randperm(len(self._labels), generator=self._generator).to(self._device)
        total = torch.zeros((), device=self._device)
        with SpikePenalty(self.network.layers(), self._stage.spike_penalty) as penalty:
            for batch in range(self._batches):
                chosen = order[batch * self._batch : (batch + 1) * self._batch]
                total += self._step(chosen, penalty)
                after_batch()
        return self._checked(float(total) / self._batches, epoch)

    def _step(self, chosen: Tensor, penalty: SpikePenalty) -> Tensor:
        """One step of the optimiser on a batch; its loss."""
        images = self._augmenter.batch(chosen, self._generator).float()
        with mixed_precision(self._device):
            scores = self.network(images)
        loss = torch.nn.functional.cross_entropy(scores.float(), self._labels[chosen]) + penalty.take()
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self._pruning.apply()
        self._schedule.step()
        return loss.detach()

    def _checked(self, loss: float, epoch: int) -> float:
        if math.isfinite(loss) and loss <= _DIVERGED * math.log(max(self._classes, 2)):
            return loss
        rate, key = self._stage.learning_rate, self._stage.key
        raise UserError(
            f"{self._stage.name} diverged in epoch {epoch}: the loss is {loss:g}; {key} is {rate:g}, try {rate / 10:g}"
        )

    def _after_epoch(self, before: TrainingState | None, epoch: int, loss: float) -> TrainingState:
        accuracy = self._accuracy()
        entry = {"epoch": epoch, "loss": loss, "validation_accuracy": accuracy}
        return self._state(before, epoch, accuracy, [*([] if before is None else before.history), entry])

    def _accuracy(self) -> float:
        return float((predict(self.network, self._validation) == self._validation_labels).double().mean())

    def _state(self, before: TrainingState | None, epoch: int, accuracy: float, history: list[dict[str, float]]) -> TrainingState:
        network = {name: value.detach().cpu().clone() for name, value in self.network.state_dict().items()}
        best_epoch, best_accuracy, best_network = epoch, accuracy, network
        # A network that is denser than asked for is only kept until there is another.
        if before is not None and self._pruning.selectable(before.best_epoch) and accuracy < before.best_accuracy:
            best_epoch, best_accuracy, best_network = before.best_epoch, before.best_accuracy, before.best_network
        return TrainingState(
            fingerprint=self._fingerprint,
            epoch=epoch,
            network=network,
            optimiser=self._optimiser.state_dict(),
            schedule=self._schedule.state_dict(),
            random=self._generator.get_state(),
            found=self._found,
            best_epoch=best_epoch,
            best_accuracy=best_accuracy,
            best_network=best_network,
            history=history,
        )

    def _restore(self, state: TrainingState) -> None:
        self.network.load_state_dict(state.network)
        # Loading puts a new parameter in the place of each clip; an optimiser that held the old one would never train it again.
        self._begin()
        self._optimiser.load_state_dict(state.optimiser)
        self._schedule.load_state_dict(state.schedule)
        self._generator.set_state(state.random)
