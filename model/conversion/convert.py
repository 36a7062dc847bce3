"""From trained numbers to a verified integer network."""

from __future__ import annotations

from model.config.schema import Configuration
from model.conversion.fold import Rounding
from model.conversion.opi import opi_layers
from model.conversion.pascal import pascal_layers
from model.conversion.resolve import resolve_codes
from model.conversion.trained import TrainedNetwork
from model.integer_network import Encoder, Network, verify_network, with_proved_widths

_METHODS = {"pascal": pascal_layers, "opi": opi_layers}


def convert(config: Configuration, trained: TrainedNetwork, shape: tuple[int, ...]) -> tuple[Network, dict[str, Rounding]]:
    """Convert by ``conversion.method``.

    Args:
        config: method, codes and time steps.
        trained: the trained network's numbers.
        shape: of one image.

    Returns:
        The verified network with proved widths, and what rounding changed in each hidden layer.

    Raises:
        UserError: an impossible configuration, or a potential of more bits than are supported.
    """
    codes = resolve_codes(config)
    layers, certificate = _METHODS[config.conversion.method](trained, codes)
    encoder = Encoder(shape, config.input.bits, codes.input)
    network = Network(config.name, config.conversion.method, encoder, layers)
    return verify_network(with_proved_widths(network)), certificate
