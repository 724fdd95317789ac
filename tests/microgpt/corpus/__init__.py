"""Tests of `microgpt/corpus/`."""
