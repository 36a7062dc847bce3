"""From trained numbers to a verified integer network."""

from __future__ import annotations

from model.base.errors import UserError
from model.config.schema import Configuration
from model.conversion.dual_phase import dual_phase_layers
from model.conversion.fold import Rounding
from model.conversion.opi import opi_layers
from model.conversion.parallel import parallel_layers
from model.conversion.pascal import pascal_layers
from model.conversion.pmsm import pmsm_layers
from model.conversion.qcfs import qcfs_layers
from model.conversion.resolve import Codes, resolve_codes
from model.conversion.trained import TrainedNetwork
from model.integer_network import Encoder, Network, verify_network, with_proved_widths
from model.integer_network.verify import LARGEST_POTENTIAL_BITS

_METHODS = {
    "pascal": pascal_layers,
    "parallel": parallel_layers,
    "opi": opi_layers,
    "qcfs": qcfs_layers,
    "dual-phase": dual_phase_layers,
    "pmsm": pmsm_layers,
}


def convert(config: Configuration, trained: TrainedNetwork, shape: tuple[int, ...]) -> tuple[Network, dict[str, Rounding]]:
    """Convert by ``conversion.method``; where a code is ``auto``, the first that the method has.

    Args:
        config: method, codes and time steps.
        trained: the trained network's numbers, calibrated where the method calibrates.
        shape: of one image.

    Returns:
        The verified network with proved widths, and what rounding changed in each hidden layer.

    Raises:
        UserError: an impossible configuration, or a potential of more bits than are supported.
    """
    codes = resolve_codes(config)
    network, certificate = _converted(config, codes, trained, shape)
    if codes.time_steps is not None and _too_wide(network):
        _refuse_time_steps(config, codes.time_steps, network, trained, shape)
    return verify_network(network), certificate


def _converted(
    config: Configuration, codes: Codes, trained: TrainedNetwork, shape: tuple[int, ...]
) -> tuple[Network, dict[str, Rounding]]:
    layers, certificate = _METHODS[config.conversion.method](trained, codes)
    encoder = Encoder(shape, config.input.bits, codes.input)
    return with_proved_widths(Network(config.name, config.conversion.method, encoder, layers)), certificate


def _too_wide(network: Network) -> bool:
    return any(layer.neuron.potential_bits > LARGEST_POTENTIAL_BITS for layer in network.layers)


def _refuse_time_steps(
    config: Configuration, time_steps: int, network: Network, trained: TrainedNetwork, shape: tuple[int, ...]
) -> None:
    """Name the largest number of time steps that fits; where none does they are not to blame, and the verifier says so."""
    key = "network.levels" if config.conversion.method == "dual-phase" else "conversion.time_steps"
    for fewer in range(time_steps - 1, 0, -1):
        codes = resolve_codes(_with_time_steps(config, fewer))
        if codes.time_steps is None or _too_wide(_converted(config, codes, trained, shape)[0]):
            continue
        widest = max(network.layers, key=lambda layer: layer.neuron.potential_bits)
        raise UserError(
            f"{key} = {time_steps}: the membrane potential of layer {widest.name} would need {widest.neuron.potential_bits}"
            f" bits, at most {LARGEST_POTENTIAL_BITS} are supported; at most {fewer} time steps fit"
        )


def _with_time_steps(config: Configuration, time_steps: int) -> Configuration:
    """The same configuration for another number of time steps; of dual-phase they are the levels."""
    network, conversion = config.network, config.conversion
    if conversion.method == "dual-phase":
        network = network.model_copy(update={"levels": time_steps})
    conversion = conversion.model_copy(update={"time_steps": time_steps})
    return config.model_copy(update={"network": network, "conversion": conversion})
