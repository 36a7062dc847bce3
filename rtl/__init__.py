"""From the integer network to a Verilog core: plan, memories, top level, audit, area and clock."""
