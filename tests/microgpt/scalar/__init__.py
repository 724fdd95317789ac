"""Tests of `microgpt/scalar/`."""
