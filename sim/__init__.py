"""Simulation: the generated core on Verilator, every value compared with the golden simulator."""
