"""Tests of `microgpt/wasm/runtime/`."""
