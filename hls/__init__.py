"""The integer network as an hls4ml project of custom spiking layers, its C simulation and its checks."""
