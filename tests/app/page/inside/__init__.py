"""Tests of how the page shows the inside of a model."""
