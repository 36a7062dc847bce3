"""From a trained network to an integer network: one file a method."""
