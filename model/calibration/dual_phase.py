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
from model.calibration.potential import calibrate_potentials, trains
from model.calibration.spiking import Residual, integer_layers, link_of, spread
from model.config.schema import Configuration
from model.conversion.chunks import chunks
from model.conversion.convert import convert
from model.conversion.trained import TrainedLayer, TrainedNetwork, trained_numbers
from model.data import Dataset, Part
from model.golden import simulate
from model.integer_network import Network
from model.integer_network.structure import INPUT
from model.training.layers import ConvolutionLayer
from model.training.loop import deterministic
from model.training.network import QuantisedNetwork

_HELD_OUT = 0.2
# Validation images that judge, on maps as many as make this many outputs of neurons.
_FEWEST_JUDGES = 200
_JUDGED_VALUES = 60_000_000
_IMAGES_AT_ONCE = 256
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
        The numbers of the chosen state, with the V0 of every neuron, and the report: ``images`` of each use; ``phases``, of each
        the validation accuracy of its integer network and for every layer ``mean_error``, the mean over neurons of |mean over
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
    """Inputs (images, pixels) in activations, and levels of the ANN (images, neurons) of each layer."""

    inputs: Tensor
    levels: list[Tensor]


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
        neurons = sum(layer.plan.shape.size for layer in network.layers())
        validation = dataset.validation
        judges = max(1, min(len(validation.labels), max(_FEWEST_JUDGES, _JUDGED_VALUES // neurons)))
        self._judges = Part(validation.images[:judges], validation.labels[:judges])
        self._validation = _recorded(network, inputs_of(self._judges.images, config.input.bits))
        self.images = {"fit": len(inputs) - held_out, "held_out": held_out, "validation": judges}

    def integer_network(self, trained: TrainedNetwork) -> Network:
        """As the convert step makes it."""
        return convert(self._config, trained, self._dataset.shape)[0]

    def potentials(self, trained: TrainedNetwork) -> TrainedNetwork:
        """Potential calibration of the integer network."""
        layers = integer_layers(self.integer_network(trained))
        inputs = self._fit.inputs * trained.input_levels
        whole_inputs = torch.round(inputs).to(layers[0].weights.dtype)
        targets = [
            levels.double().mean(dim=0).to(now.weights.dtype) / layer.levels
            for levels, layer, now in zip(self._fit.levels, trained.hidden, layers, strict=True)
        ]
        moved = calibrate_potentials(layers, whole_inputs, targets, self._time_steps, whole=True)
        hidden = (
            replace(
                layer, initial_potential=(now.potential.double() / spread(now.threshold, len(now.potential)).double()).numpy()
            )
            for layer, now in zip(trained.hidden, moved, strict=True)
        )
        return replace(trained, hidden=tuple(hidden))

    def weights(self, trained: TrainedNetwork) -> tuple[TrainedNetwork, list[dict[str, Any]]]:
        """Layer-wise calibration, from the front; each layer hears the layers before it as they were calibrated."""
        generator = torch.Generator().manual_seed(self._config.training.seed)
        parts = (self._fit, self._held_out)
        sent = [{INPUT: part.inputs[None]} for part in parts]
        hidden, learnt = [], []
        for index, layer in enumerate(trained.hidden):
            tuned = _tuned(trained, layer, self._latent[index], self._dataset.shape)
            fit, held_out = (
                self._recording(tuned, heard, part.levels[index], layer.levels) for heard, part in zip(sent, parts, strict=True)
            )
            epoch = 0
            if _wrong(tuned, fit) > _EXACT:
                tuned, epoch = calibrate_layer(tuned, fit, held_out, self._settings, generator)
            hidden.append(_written_back(tuned, layer) if epoch else layer)
            changed = float(np.mean(hidden[-1].weights != layer.weights))
            learnt.append({"layer": layer.name, "best_epoch": epoch, "changed_weights": changed})
            for heard in sent:
                heard[layer.name] = _sent(tuned, [heard[name] for name in tuned.sources], self._time_steps)
        return replace(trained, hidden=tuple(hidden)), learnt

    def _recording(self, tuned: TunedLayer, heard: dict[str, Tensor], levels: Tensor, most: int) -> Recorded:
        source, *added = (heard[name] for name in tuned.sources)
        return Recorded(source, levels, most, self._time_steps, tuple(added))

    def judged(self, trained: TrainedNetwork) -> dict[str, Any]:
        """Accuracy and errors of the integer network, by the golden simulator, on validation images."""
        network = self.integer_network(trained)
        right = 0
        sums = [np.zeros((2, layer.neuron.neurons)) for layer in network.hidden]
        for chosen in chunks(network, len(self._judges.labels) * self._time_steps):
            images = slice(chosen.start // self._time_steps, chosen.stop // self._time_steps)
            if images.start == images.stop:
                continue
            result = simulate(network, self._judges.images[images])
            right += int((result.classes == self._judges.labels[images]).sum())
            for index, layer in enumerate(network.hidden):
                answer = self._validation.levels[index][images].numpy() / layer.neuron.levels
                error = answer - result.layers[layer.name].spikes.mean(axis=0, dtype=np.float64)
                sums[index] += np.stack([error.sum(axis=0), np.abs(error).sum(axis=0)])
        judges = len(self._judges.labels)
        errors = [
            {
                "layer": layer.name,
                "mean_error": float(np.abs(total[0] / judges).mean()),
                "absolute_error": float((total[1] / judges).mean()),
            }
            for layer, total in zip(network.hidden, sums, strict=True)
        ]
        return {"validation_accuracy": right / judges, "layers": errors}


@torch.no_grad()
def _recorded(network: QuantisedNetwork, inputs: Tensor) -> _Images:
    """Inputs are activations (images, pixels)."""
    network.eval()
    parts = []
    for portion in (inputs * network.input_levels).split(_IMAGES_AT_ONCE):  # type: ignore[no-untyped-call]
        levels = (torch.round(sent / layer.unit).flatten(1) for layer, sent in network.activations(portion))
        parts.append([values.to(torch.int8) for values in levels])
    return _Images(inputs, [torch.cat(values) for values in zip(*parts, strict=True)])


@torch.no_grad()
def latent_weights(network: QuantisedNetwork) -> list[Tensor]:
    """Weights of the hidden layers before rounding, in units of the integer weight, in the shape of the weights."""
    latent = []
    for layer in network.layers():
        if isinstance(layer, ConvolutionLayer) and layer.plan.added is not None:
            scale = layer.joint_weights(network.ratio(layer.plan)).scale.reshape(-1, 1, 1, 1)
        else:
            scale = layer.weighted.quant_weight().scale
        latent.append((layer.weighted.weight / scale).detach())
    return latent


def _tuned(trained: TrainedNetwork, layer: TrainedLayer, latent: Tensor, image_shape: tuple[int, ...]) -> TunedLayer:
    potential = np.full(len(layer.bias), 0.5) if layer.initial_potential is None else layer.initial_potential
    gain, bias, start = (torch.from_numpy(values).to(latent.dtype) for values in (layer.gain, layer.bias, potential))
    first, *others = layer.synapses
    unit = trained.source_unit(first)
    residuals = []
    for group in others:
        # One spike stands for all levels of its source.
        factor = layer.gain * unit * trained.source_levels(group.source)
        weights = group.weights * factor.reshape(-1, 1, 1, 1)
        link = link_of(group, trained.source_map(group.source, image_shape))
        residuals.append(Residual(torch.from_numpy(weights).to(latent.dtype), link))
    return TunedLayer(
        latent=latent,
        largest_weight=(1 << (layer.weight_bits - 1)) - 1,
        gain=gain,
        bias=bias,
        potential=start,
        clip=layer.clip,
        slope=layer.negative_slope,
        spike=unit * trained.source_levels(first.source),
        link=link_of(first, trained.source_map(first.source, image_shape)),
        residuals=tuple(residuals),
        name=layer.name,
        sources=tuple(group.source for group in layer.synapses),
    )


def _written_back(tuned: TunedLayer, layer: TrainedLayer) -> TrainedLayer:
    weights = whole_weights(tuned.latent, tuned.largest_weight).numpy().astype(np.int64)
    first, *others = layer.synapses
    return replace(
        layer,
        synapses=(replace(first, weights=weights), *others),
        bias=tuned.bias.double().numpy(),
        initial_potential=tuned.potential.double().numpy(),
    )


@torch.no_grad()
def _sent(tuned: TunedLayer, heard: list[Tensor], time_steps: int) -> Tensor:
    return trains(tuned.spiking(), heard, time_steps)


@torch.no_grad()
def _wrong(tuned: TunedLayer, recorded: Recorded) -> float:
    """Share of outputs that are not the ANN's."""
    sent = _sent(tuned, [recorded.source, *recorded.added], recorded.time_steps)
    # A rate of k/T against a level of m/L: less than half a spike apart is the same.
    difference = sent.sum(dim=0, dtype=torch.int32) * recorded.levels - recorded.target.int() * recorded.time_steps
    return float((2 * difference.abs() > recorded.levels).double().mean())
