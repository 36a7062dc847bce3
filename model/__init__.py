"""Data, training, conversion, the integer network and its golden simulator; knows nothing of hardware."""
