"""Quantisation-aware training with Brevitas."""

import logging

# Brevitas makes torch look for a CUDA compiler; that a machine has one and no GPU is nothing to warn of.
logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)
