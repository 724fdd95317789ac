"""Tests of the model's picture."""
