"""The study: every method at every number of time steps, code and seed, in one table, by as many workers as there are."""
