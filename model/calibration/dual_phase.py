"""Phase II of dual-phase conversion (Wang et al., 2022), after phase I has fine-tuned the ANN on T levels.

Potential calibration, layer-wise calibration of weights, bias and V0, potential calibration again; of the three states the
one with the highest accuracy is kept. Here that is the accuracy on validation images (the paper took test images), and it
is measured on the integer network by the golden simulator. Both potential calibrations also work on the integer network,
whose V0 are integers, so that they take up what rounding of thresholds and biases did; the layer-wise calibration between
them works in real numbers with the integer weights. Training images are all that is learnt from.

Phase I tied the ANN to T levels; the targets are its outputs, which phase II never changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from model.calibration.images import calibration_images, inputs_of
from model.calibration.layerwise import Recorded, Settings, TunedLayer, calibrate_layer, whole_weights
from model.calibration.potential import calibrate_potentials
from model.calibration.spiking import integer_layers
from model.config.schema import Configuration
from model.conversion.convert import convert
from model.conversion.trained import TrainedLayer, TrainedNetwork, trained_numbers
from model.data import Dataset
from model.golden import simulate
from model.integer_network import Network
from model.training.loop import deterministic
from model.training.network import QuantisedNetwork

_HELD_OUT = 0.2
# A layer that answers fewer of its images otherwise than the ANN has nothing to learn: the first one, on direct input.
_EXACT = 1e-3
_SETTINGS = Settings()


def dual_phase(
    config: Configuration, network: QuantisedNetwork, dataset: Dataset, time_steps: int, settings: Settings = _SETTINGS
) -> tuple[TrainedNetwork, dict[str, Any]]:
    """Calibrate.

    Args:
        config: method ``dual-phase``, number of calibration images, seed.
        network: fine-tuned, clip or leaky with levels.
        dataset: training images calibrate, validation images select.
        time_steps: T of the integer network.
        settings: of the layer-wise calibration.

    Returns:
        The numbers of the chosen state, with the V0 of every neuron, and the report: ``images``; ``phases``, of each the
        validation accuracy of its integer network and for every layer ``mean_error``, the mean over neurons of |mean over
        images of ANN less SNN output|, and ``absolute_error``, the mean of |ANN less SNN output|, both in units of the clip, on
        validation images; ``learnt``, what the layer-wise calibration did to each layer; ``chosen``.
    """
    with deterministic(config.training.seed):
        calibration = _Calibration(config, network, dataset, time_steps, settings)
        with torch.no_grad():
            start = trained_numbers(network)
        potential = calibration.potentials(start)
        weights, learnt = calibration.weights(potential)
        states = {"potential": potential, "weights": weights, "potential again": calibration.potentials(weights)}
        phases = {name: calibration.judged(state) for name, state in {"start": start, **states}.items()}
    chosen = max(states, key=lambda name: phases[name]["validation_accuracy"])
    report = {
        "time_steps": time_steps,
        "images": calibration.images,
        "phases": [{"phase": name, **phase} for name, phase in phases.items()],
        "learnt": learnt,
        "chosen": chosen,
    }
    return states[chosen], report


@dataclass(frozen=True, eq=False)
class _Images:
    """Inputs (images, channels) in activations, and outputs of the ANN (images, channels) of each layer in units of the clip."""

    inputs: Tensor
    targets: list[Tensor]


class _Calibration:
    """The images, the ANN's outputs on them, and the phases."""

    def __init__(
        self, config: Configuration, network: QuantisedNetwork, dataset: Dataset, time_steps: int, settings: Settings
    ) -> None:
        self._config, self._dataset, self._time_steps, self._settings = config, dataset, time_steps, settings
        self._latent = latent_weights(network)
        inputs = calibration_images(config, dataset)
        held_out = max(1, round(len(inputs) * _HELD_OUT))
        self._fit, self._held_out = (_recorded(network, part) for part in (inputs[held_out:], inputs[:held_out]))
        self._validation = _recorded(network, inputs_of(dataset.validation.images, config.input.bits))
        self.images = {"fit": len(inputs) - held_out, "held_out": held_out}

    def integer_network(self, trained: TrainedNetwork) -> Network:
        """As the convert step makes it."""
        return convert(self._config, trained, self._dataset.shape)[0]

    def potentials(self, trained: TrainedNetwork) -> TrainedNetwork:
        """Potential calibration of the integer network."""
        layers = integer_layers(self.integer_network(trained))
        inputs = self._fit.inputs * trained.input_levels
        whole_inputs = torch.round(inputs).to(layers[0].weights.dtype)
        moved = calibrate_potentials(layers, whole_inputs, self._fit.targets, self._time_steps, whole=True)
        hidden = (
            replace(layer, initial_potential=(now.potential.double() / now.threshold.double()).numpy())
            for layer, now in zip(trained.hidden, moved, strict=True)
        )
        return replace(trained, hidden=tuple(hidden))

    def weights(self, trained: TrainedNetwork) -> tuple[TrainedNetwork, list[dict[str, Any]]]:
        """Layer-wise calibration, from the front; each layer hears the layers before it as they were calibrated."""
        generator = torch.Generator().manual_seed(self._config.training.seed)
        sources = [self._fit.inputs[None], self._held_out.inputs[None]]
        hidden, learnt = [], []
        for index, layer in enumerate(trained.hidden):
            tuned = _tuned(layer, self._latent[index])
            fit, held_out = (
                Recorded(source, part.targets[index], self._time_steps)
                for source, part in zip(sources, (self._fit, self._held_out), strict=True)
            )
            epoch = 0
            if _wrong(tuned, fit) > _EXACT:
                tuned, epoch = calibrate_layer(tuned, fit, held_out, self._settings, generator)
            hidden.append(_written_back(tuned, layer) if epoch else layer)
            changed = float(np.mean(hidden[-1].weights != layer.weights))
            learnt.append({"layer": f"hidden{index + 1}", "best_epoch": epoch, "changed_weights": changed})
            sources = [_sent(tuned, part) * tuned.clip for part in (fit, held_out)]
        return replace(trained, hidden=tuple(hidden)), learnt

    def judged(self, trained: TrainedNetwork) -> dict[str, Any]:
        """Accuracy and errors of the integer network, by the golden simulator, on validation images."""
        part = self._dataset.validation
        network = self.integer_network(trained)
        result = simulate(network, part.images)
        errors = []
        for layer, target in zip(network.hidden, self._validation.targets, strict=True):
            error = target.numpy() - result.layers[layer.name].spikes.mean(axis=0, dtype=np.float64)
            mean = float(np.abs(error.mean(axis=0)).mean())
            errors.append({"layer": layer.name, "mean_error": mean, "absolute_error": float(np.abs(error).mean())})
        return {"validation_accuracy": float((result.classes == part.labels).mean()), "layers": errors}


@torch.no_grad()
def _recorded(network: QuantisedNetwork, inputs: Tensor) -> _Images:
    network.eval()
    values, targets = inputs, []
    for layer in network.hidden:
        values = layer(values)
        targets.append(torch.round(values / layer.unit) / layer.levels)  # type: ignore[operator]
    return _Images(inputs, targets)


@torch.no_grad()
def latent_weights(network: QuantisedNetwork) -> list[Tensor]:
    """Weights of the hidden layers before rounding, in units of the integer weight, (channels, source channels)."""
    return [
        (layer.linear.weight / layer.linear.quant_weight().scale).detach()  # type: ignore[union-attr, operator]
        for layer in network.hidden
    ]


def _tuned(layer: TrainedLayer, latent: Tensor) -> TunedLayer:
    potential = np.full(len(layer.bias), 0.5) if layer.initial_potential is None else layer.initial_potential
    gain, bias, start = (torch.from_numpy(values).to(latent.dtype) for values in (layer.gain, layer.bias, potential))
    return TunedLayer(latent, (1 << (layer.weight_bits - 1)) - 1, gain, bias, start, layer.clip, layer.negative_slope)


def _written_back(tuned: TunedLayer, layer: TrainedLayer) -> TrainedLayer:
    weights = whole_weights(tuned.latent, tuned.largest_weight).numpy().astype(np.int64)
    return replace(layer, weights=weights, bias=tuned.bias.double().numpy(), initial_potential=tuned.potential.double().numpy())


@torch.no_grad()
def _sent(tuned: TunedLayer, recorded: Recorded) -> Tensor:
    spiking = tuned.spiking()
    return spiking.fire(spiking.charge(recorded.source, recorded.time_steps))


def _wrong(tuned: TunedLayer, recorded: Recorded) -> float:
    """Share of outputs that are not the ANN's."""
    half_a_spike = 0.5 / recorded.time_steps
    return float(((_sent(tuned, recorded).mean(dim=0) - recorded.target).abs() > half_a_spike).double().mean())
