"""The integer network: the one definition that every stage is compared with (docs/ir.md)."""

from model.integer_network.codes import InputCode, NeuronMode, WireCode, halving_multiples, wire_steps
from model.integer_network.shapes import Shape, Window
from model.integer_network.storage import load_network, save_network
from model.integer_network.structure import Encoder, Layer, Network, Neuron, Synapses
from model.integer_network.text import network_text
from model.integer_network.verify import verify_network
from model.integer_network.widths import potential_range, required_bits, with_proved_widths

__all__ = [
    "Encoder",
    "InputCode",
    "Layer",
    "Network",
    "Neuron",
    "NeuronMode",
    "Shape",
    "Synapses",
    "Window",
    "WireCode",
    "halving_multiples",
    "load_network",
    "network_text",
    "potential_range",
    "required_bits",
    "save_network",
    "verify_network",
    "wire_steps",
    "with_proved_widths",
]
