"""Tests of what the worker says of the inside of a model."""
