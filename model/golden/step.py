"""The golden step: every test image through the golden simulator, compared with the integer reference."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model.base.files import write_json
from model.base.progress import progress
from model.compare import Comparer, Comparison
from model.config.schema import Configuration
from model.data import load_dataset
from model.golden.counts import count_operations
from model.golden.decode import decoded_levels
from model.golden.encoding import input_levels
from model.golden.simulate import GoldenResult, simulate
from model.golden.storage import save_golden
from model.integer_network import Network, NeuronMode, load_network
from model.integer_network.structure import IntArray
from model.reference import ReferenceResult, evaluate_reference

STAGE = "reference_vs_golden"


def run_golden(config: Configuration, data: Path, convert: Path, out: Path) -> None:
    """Write ``golden.npz`` and ``golden.json``.

    For a causal method the comparison is a measurement: the loss of the spiking network against its own ANN. For a deferred
    one it is a verdict.

    Args:
        config: not read; every step has it.
        data: folder of the data step.
        convert: folder of the convert step.
        out: the step's folder.

    Raises:
        UserError: a missing or damaged input.
    """
    del config
    dataset = load_dataset(data / "dataset.npz")
    network = load_network(convert / "network.safetensors")
    with progress(None, "golden simulation", "images"):
        result = simulate(network, dataset.test.images)
        save_golden(result, out / "golden.npz")
        reference = evaluate_reference(network, input_levels(dataset.test.images, network.encoder))
        counts = count_operations(network, result)
    summary: dict[str, object] = {
        "accuracy": float((result.classes == dataset.test.labels).mean()),
        "comparison": compare_golden(network, reference, result).as_dict(),
        "comparison_is_verdict": not is_causal(network),
        "counts": counts.as_dict(),
    }
    if is_causal(network):
        summary["loss_by_layer"] = loss_by_layer(network, reference, result)
        summary["share_of_changed_classes"] = float((result.classes != reference.classes).mean())
    write_json(out / "golden.json", summary)


def is_causal(network: Network) -> bool:
    """True where neurons fire before all of their charge is there, so that the network differs from its ANN."""
    return any(layer.neuron.mode is NeuronMode.CAUSAL for layer in network.layers)


def compare_golden(network: Network, reference: ReferenceResult, result: GoldenResult) -> Comparison:
    """Every level of every layer, and the scores; of causal networks as rates."""
    comparer = Comparer(STAGE)
    for name, (expected, got) in _on_one_scale(network, reference, result).items():
        comparer.add(name, expected, got)
    return comparer.result()


def loss_by_layer(network: Network, reference: ReferenceResult, result: GoldenResult) -> dict[str, dict[str, float]]:
    """How far a causal network is from its ANN.

    Returns:
        For every layer the share of values (neurons times images) that differ, and the mean and the mean magnitude of the
        difference: of hidden layers as a rate, spikes per time step, of the readout in accumulator units per time step.
    """
    losses = {}
    for name, (expected, got) in _on_one_scale(network, reference, result).items():
        difference = (got - expected) / _common_scale(network, name)
        losses[name] = {
            "share_of_different_values": float(np.mean(difference != 0)),
            "mean_difference": float(difference.mean()),
            "mean_magnitude": float(np.abs(difference).mean()),
        }
    return losses


def _on_one_scale(network: Network, reference: ReferenceResult, result: GoldenResult) -> dict[str, tuple[IntArray, IntArray]]:
    """Expected and got integers of every layer, equal where the two stages agree.

    A causal neuron sends k spikes in T time steps and its ANN level is m; p spikes in a step stand for l levels, so the two
    are equal where l·k = T·p·m. The scores that follow are sums over the time steps, those of the ANN p·(sum over levels).
    """
    pairs = {}
    spike_scale = level_scale = score_scale = 1
    for layer in network.hidden:
        neuron = layer.neuron
        steps = neuron.time_steps if neuron.mode is NeuronMode.CAUSAL else 1
        spikes, spike_scale = neuron.spikes_for_levels
        level_scale, score_scale = steps * spikes, steps
        got = decoded_levels(layer, result.layers[layer.name].spikes)
        pairs[layer.name] = (reference.levels[layer.name] * level_scale, got * spike_scale)
    scores = result.scores.astype(np.int64)
    pairs[network.readout.name] = (reference.scores * score_scale, scores * spike_scale)
    return pairs


def _common_scale(network: Network, name: str) -> int:
    """What the integers of ``_on_one_scale`` are divided by to be per time step."""
    neuron = (network.hidden[-1] if name == network.readout.name else network.layer(name)).neuron
    return neuron.spikes_for_levels[1] * neuron.time_steps
