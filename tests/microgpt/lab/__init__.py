"""Tests of `microgpt/lab/`."""
