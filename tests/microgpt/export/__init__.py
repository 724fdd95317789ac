"""Tests of `microgpt/export/`."""
