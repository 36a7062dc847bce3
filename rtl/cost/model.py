"""Predicted cycles and area of any choice for a network, everything that choices share computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from model.base.errors import UserError
from model.conversion.choose_codes import with_code
from model.golden import GoldenResult, LayerTrace, simulate
from model.integer_network import Network, NeuronMode, WireCode, verify_network, with_proved_widths
from rtl.charges import charges_of
from rtl.core_plan import CorePlan, plan_core
from rtl.cost.area import predict_parts, total
from rtl.cost.choice import Choice, Given, LayerChoice
from rtl.cost.parts import parts_of
from rtl.cycles.timeline import FrameTimeline, nothing_occupied
from rtl.cycles.traffic import Traffic, traffic_of_link

XC7 = "xc7"


@dataclass(frozen=True)
class Cost:
    """What a choice costs.

    Attributes:
        latency: cycles of a frame that is alone, median of the sample.
        figures: by family tables, flip-flops and block memories.
    """

    latency: float
    figures: dict[str, dict[str, float]]

    @property
    def lut(self) -> float:
        """Tables on 7-series."""
        return self.figures[XC7]["lut"]


class CostModel:
    """Costs of the choices for one network on a sample of images."""

    def __init__(self, network: Network, pixels: npt.NDArray[np.uint8], given: Given, families: Sequence[str] = (XC7,)) -> None:
        """Nothing is computed yet.

        Args:
            network: verified.
            pixels: (images, …), the sample.
            given: what the configuration says of the core.
            families: whose figures are wanted.
        """
        self.network = network
        self.evaluated: dict[Choice, Cost | None] = {}
        self._pixels = pixels
        self._given = given
        self._families = families
        self._networks: dict[tuple[str, ...], Network | None] = {}
        self._results: dict[tuple[str, ...], GoldenResult] = {}
        self._traces: dict[tuple[str, str], LayerTrace] = {}
        self._traffic: dict[tuple[int, LayerChoice | None, str, int], Traffic] = {}

    def cost(self, choice: Choice) -> Cost | None:
        """What a choice costs; None where its core cannot be built, since a potential would be too wide."""
        if choice not in self.evaluated:
            self.evaluated[choice] = self._cost(choice)
        return self.evaluated[choice]

    def recoded(self, choice: Choice) -> Network | None:
        """The verified network with the codes of a choice, None where a potential would be too wide."""
        codes = tuple(chosen.code for chosen in choice)
        if codes not in self._networks:
            self._networks[codes] = recode(self.network, codes)
        return self._networks[codes]

    def plan(self, choice: Choice) -> CorePlan:
        """The core of a choice that can be built."""
        network = self.recoded(choice)
        assert network is not None
        lanes, engines = [chosen.lanes for chosen in choice], [chosen.engine for chosen in choice]
        return plan_core(network, lanes, engines, self._given.settings)

    def result(self, choice: Choice) -> GoldenResult:
        """What the links carry of the sample; the spikes of a deferred layer follow from its levels and its own code."""
        network, codes = self.recoded(choice), tuple(chosen.code for chosen in choice)
        assert network is not None
        if codes not in self._results:
            names = [layer.name for layer in network.layers]
            missing = [key for key in zip(names, codes, strict=True) if key not in self._traces]
            if missing or not self._results:
                simulated = simulate(network, self._pixels)
                self._traces |= {(name, code): simulated.layers[name] for name, code in zip(names, codes, strict=True)}
                self._results[codes] = simulated
            else:
                layers = {name: self._traces[name, code] for name, code in zip(names, codes, strict=True)}
                self._results[codes] = GoldenResult(next(iter(self._results.values())).input_spikes, layers)
        return self._results[codes]

    def _cost(self, choice: Choice) -> Cost | None:
        network = self.recoded(choice)
        if network is None:
            return None
        plan = self.plan(choice)
        charges = charges_of(network, plan)
        stages = {name: cut.count for name, (_, cut) in charges.items()}
        alone = FrameTimeline(plan, stages, self._links(choice, plan), nothing_occupied()).finish()
        parts = parts_of(plan, charges)
        figures = {family: total(predict_parts(parts, family)) for family in self._families}
        return Cost(float(np.median(np.broadcast_to(alone, (len(self._pixels),)))), figures)

    def _links(self, choice: Choice, plan: CorePlan) -> list[Traffic]:
        """Of every link; it depends on the words of its source and on what an event costs its target."""
        by_name = {layer.name: chosen for layer, chosen in zip(self.network.layers, choice, strict=True)}
        found = []
        for number, link in enumerate(plan.links):
            target = by_name[link.target]
            key = number, by_name.get(link.source), target.engine, target.lanes
            if key not in self._traffic:
                self._traffic[key] = traffic_of_link(plan, self.result(choice), number)
            found.append(self._traffic[key])
        return found


def recode(network: Network, codes: Sequence[str]) -> Network | None:
    """The same integers with other wire codes, widths proved; None where a potential would be too wide.

    Args:
        network: verified.
        codes: of every layer; those of layers that are not deferred stay.
    """
    layers = tuple(
        replace(layer, neuron=with_code(layer.neuron, WireCode(code))) if layer.neuron.mode is NeuronMode.DEFERRED else layer
        for layer, code in zip(network.layers, codes, strict=True)
    )
    if all(before.neuron.code is after.neuron.code for before, after in zip(network.layers, layers, strict=True)):
        return network
    try:
        return verify_network(with_proved_widths(replace(network, layers=layers)))
    except UserError:
        return None
