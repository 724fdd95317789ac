"""Tests of `microgpt/cli/`."""
