"""Tests of `microgpt/`."""
