"""How many spikes a synapse may receive before a baseline is cheaper."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from model.energy.price import Price


@dataclass(frozen=True)
class Activity:
    """How busy the spiking network is, per frame.

    Attributes:
        spikes_per_synapse: accumulates per synapse.
        spike_rate: spikes per channel and time step, over all links.
    """

    spikes_per_synapse: float
    spike_rate: float


@dataclass(frozen=True)
class BreakEven:
    """Where the spiking network costs what a baseline costs, all spike counts scaled by one factor.

    Attributes:
        spikes_per_synapse: at the crossing; None where the spiking network costs more even without a spike, or no less
            whatever the spikes.
        spike_rate: at the crossing; above 1 where no spike train is dense enough.
        measured_spikes_per_synapse: of the network as it is.
        measured_spike_rate: of the network as it is.
        energy_ratio: energy of the spiking network over that of the baseline, as measured; None where the baseline did nothing.
    """

    spikes_per_synapse: float | None
    spike_rate: float | None
    measured_spikes_per_synapse: float
    measured_spike_rate: float
    energy_ratio: float | None

    def as_dict(self) -> dict[str, float | None]:
        """Plain values for JSON."""
        return asdict(self)


def break_even(spiking: Price, baseline: Price, activity: Activity) -> BreakEven:
    """Solve fixed + factor · per spike = baseline for the factor, and say it in spikes.

    Args:
        spiking: price of the spiking network.
        baseline: price of the baseline by the same table.
        activity: measured activity, which a factor of 1 stands for.
    """
    factor = (baseline.total - spiking.fixed) / spiking.per_spike if spiking.per_spike else None
    if factor is not None and factor < 0:
        factor = None
    return BreakEven(
        None if factor is None else factor * activity.spikes_per_synapse,
        None if factor is None else factor * activity.spike_rate,
        activity.spikes_per_synapse,
        activity.spike_rate,
        spiking.total / baseline.total if baseline.total else None,
    )
