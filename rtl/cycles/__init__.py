"""Cycles of every frame, predicted from the golden events: latency of a frame alone, distances of frames back to back."""

from rtl.cycles.predict import Cycles, predict_core_cycles

__all__ = ["Cycles", "predict_core_cycles"]
