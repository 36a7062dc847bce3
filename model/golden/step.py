"""The golden step: every test image through the golden simulator, compared with the integer reference."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from model.base.files import write_json
from model.base.progress import progress
from model.compare import Comparer, Comparison, joined
from model.config.schema import Configuration
from model.data import load_dataset
from model.data.dataset import ByteArray
from model.golden.counts import NetworkCounts, count_operations
from model.golden.decode import decoded_levels
from model.golden.encoding import input_levels
from model.golden.levels import LevelResult, simulate_levels
from model.golden.simulate import GoldenResult, simulate
from model.golden.storage import save_golden, wanted_frames
from model.integer_network import Layer, Network, NeuronMode, load_network
from model.integer_network.structure import IntArray
from model.reference import ReferenceResult, causal_steps, evaluate_reference, levels_of_scores

STAGE = "reference_vs_golden"

_VALUES_AT_ONCE = 1 << 24
"""Levels of the reference that are held at once."""


def run_golden(config: Configuration, data: Path, fold: Path, out: Path) -> None:
    """Write ``golden.npz``, the spikes of as many test images as later simulations want, and ``golden.json``, about all of them.

    Images whose spikes nobody wants are simulated on levels. For a causal method the comparison is a measurement: the loss of
    the spiking network against its own ANN. For a deferred one it is a verdict.

    Args:
        config: ``simulation.frames`` and ``hls.frames``.
        data: folder of the data step.
        fold: folder of the fold step, with the integer network.
        out: the step's folder.

    Raises:
        UserError: a missing or damaged input.
    """
    test = load_dataset(data / "dataset.npz").test
    network = load_network(fold / "network.safetensors")
    simulated = wanted_frames(config.simulation.frames, len(test.images))
    compiled = wanted_frames(config.hls.frames, len(test.images))
    kept = max(simulated, compiled)
    tally = _Tally(network)
    with progress(len(test.images), "golden simulation", "images") as shown:
        spikes = simulate(network, test.images[:kept])
        save_golden(spikes, out / "golden.npz")
        for part in _parts(network, len(test.images), kept):
            result = spikes.select(part) if part.stop <= kept else simulate_levels(network, test.images[part])
            tally.add(result, test.images[part], test.labels[part])
            shown.advance(part.stop - part.start)
        counts = count_operations(network, spikes.select(slice(0, simulated)))
    right = spikes.classes == test.labels[:kept]
    of_frames = {"hls": float(right[:compiled].mean()), "simulation": float(right[:simulated].mean())}
    further = {"accuracy_of_frames": of_frames, "spike_frames": kept, "simulated_counts": counts.as_dict()}
    write_json(out / "golden.json", tally.summary() | further)


def _parts(network: Network, images: int, kept: int) -> list[slice]:
    """Portions that fit into memory; the images whose spikes are kept are apart from the others."""
    at_once = max(1, _VALUES_AT_ONCE // (network.encoder.neurons + network.neurons))
    starts = [*range(0, kept, at_once), *range(kept, images, at_once)]
    return [slice(first, last) for first, last in pairwise([*starts, images])]


class _Tally:
    """Figures of all images, portion by portion."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._images = self._correct = self._changed = 0
        self._comparisons: list[Comparison] = []
        self._counts: list[NetworkCounts] = []
        self._losses: list[dict[str, Loss]] = []

    def add(self, result: GoldenResult | LevelResult, images: ByteArray, labels: ByteArray) -> None:
        """Compare and count one portion."""
        network = self._network
        reference = evaluate_reference(network, input_levels(images, network.encoder))
        self._comparisons.append(compare_golden(network, reference, result, first_image=self._images))
        self._counts.append(result.counts if isinstance(result, LevelResult) else count_operations(network, result))
        self._images += len(images)
        self._correct += int((result.classes == labels).sum())
        if is_causal(network):
            self._losses.append(measured_loss(network, reference, result))
            self._changed += int((result.classes != reference.classes).sum())

    def summary(self) -> dict[str, object]:
        """Plain values for JSON."""
        summary: dict[str, object] = {
            "accuracy": self._correct / self._images,
            "comparison": joined(self._comparisons).as_dict(),
            "comparison_is_verdict": not is_causal(self._network),
            "counts": sum(self._counts[1:], start=self._counts[0]).as_dict(),
        }
        if is_causal(self._network):
            names = self._losses[0]
            losses = {name: sum((loss[name] for loss in self._losses), start=Loss()) for name in names}
            summary["loss_by_layer"] = {name: loss.as_dict() for name, loss in losses.items()}
            summary["share_of_changed_classes"] = self._changed / self._images
        return summary


def is_causal(network: Network) -> bool:
    """True where neurons fire before all of their charge is there, so that the network differs from its ANN."""
    return any(layer.neuron.mode is NeuronMode.CAUSAL for layer in network.layers)


def compare_golden(
    network: Network, reference: ReferenceResult, result: GoldenResult | LevelResult, first_image: int = 0
) -> Comparison:
    """Every level of every layer, and the scores; of causal networks as rates."""
    comparer = Comparer(STAGE, first_image)
    for name, (expected, got) in _on_one_scale(network, reference, result).items():
        comparer.add(name, expected, got)
    return comparer.result()


@dataclass(frozen=True)
class Loss:
    """How far the values of one layer are from those of the ANN: sums over ``values`` of them."""

    values: int = 0
    different: int = 0
    difference: float = 0.0
    magnitude: float = 0.0

    def __add__(self, other: Loss) -> Loss:
        return Loss(
            self.values + other.values,
            self.different + other.different,
            self.difference + other.difference,
            self.magnitude + other.magnitude,
        )

    def as_dict(self) -> dict[str, float]:
        """Shares and means."""
        return {
            "share_of_different_values": self.different / self.values,
            "mean_difference": self.difference / self.values,
            "mean_magnitude": self.magnitude / self.values,
        }


def loss_by_layer(
    network: Network, reference: ReferenceResult, result: GoldenResult | LevelResult
) -> dict[str, dict[str, float]]:
    """How far a causal network is from its ANN.

    Returns:
        For every layer the share of values (neurons times images) that differ, and the mean and the mean magnitude of the
        difference: of hidden layers as a rate, spikes per time step, of the readout in accumulator units per time step.
    """
    return {name: loss.as_dict() for name, loss in measured_loss(network, reference, result).items()}


def measured_loss(network: Network, reference: ReferenceResult, result: GoldenResult | LevelResult) -> dict[str, Loss]:
    """The sums behind ``loss_by_layer``."""
    losses = {}
    for name, (expected, got) in _on_one_scale(network, reference, result).items():
        difference = (got - expected) / _common_scale(network, name)
        different = int(np.count_nonzero(difference))
        losses[name] = Loss(difference.size, different, float(difference.sum()), float(np.abs(difference).sum()))
    return losses


def _levels(layer: Layer, result: GoldenResult | LevelResult) -> IntArray:
    if isinstance(result, LevelResult):
        return result.levels[layer.name].astype(np.int64)
    return decoded_levels(layer, result.layers[layer.name].spikes)


def _on_one_scale(
    network: Network, reference: ReferenceResult, result: GoldenResult | LevelResult
) -> dict[str, tuple[IntArray, IntArray]]:
    """Expected and got integers of every layer, equal where the two stages agree.

    A causal neuron sends k spikes in T time steps and its ANN level is m; p spikes in a step stand for l levels, so the two
    are equal where l·k = T·p·m. The scores that follow are sums over the time steps, those of the ANN p·(sum over levels), of
    several sources in units of the least common l.
    """
    pairs = {}
    for layer in network.hidden:
        neuron = layer.neuron
        steps = neuron.time_steps if neuron.mode is NeuronMode.CAUSAL else 1
        spikes, levels = neuron.spikes_for_levels
        pairs[layer.name] = (reference.levels[layer.name] * steps * spikes, _levels(layer, result) * levels)
    scores = result.scores.astype(np.int64)
    steps, levels = max(causal_steps(network, network.readout), 1), levels_of_scores(network)
    pairs[network.readout.name] = (reference.scores * steps, scores * levels)
    return pairs


def _common_scale(network: Network, name: str) -> int:
    """What the integers of ``_on_one_scale`` are divided by to be per time step."""
    if name == network.readout.name:
        return levels_of_scores(network) * max(causal_steps(network, network.readout), 1)
    neuron = network.layer(name).neuron
    return neuron.spikes_for_levels[1] * neuron.time_steps
