"""The synthesised netlist, simulated and compared with the golden simulator."""
