"""Calibration on training images: what a conversion method still learns after training."""
