"""Sums of bits with constant weights as networks of counters and adders."""
