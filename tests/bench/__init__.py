"""Measurements of speed: the engines, the start of the page, and the way to a trained model."""
