"""The exploration: bits, levels, engines, lanes and codes around one configuration, and the Pareto front of what they cost."""
