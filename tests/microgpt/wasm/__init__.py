"""Tests of `microgpt/wasm/`."""
