"""Tests of `microgpt/interpret/`."""
