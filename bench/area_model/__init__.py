"""The area model: cores measured with yosys, coefficients fitted to them, their errors (``python -m bench.area_model``)."""
