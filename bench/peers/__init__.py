"""Other tools beside ours, on the same machine, frames, yosys script and device: ``python -m bench.peers``."""
