"""Measurements; bench/README.md has the commands and what they gave."""
