"""Quantisation-aware training with Brevitas."""
