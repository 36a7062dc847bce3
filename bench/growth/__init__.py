"""How cycles and LUT of a core grow with neurons, lanes, levels, time steps and spikes (``python -m bench.growth``)."""
