"""Tests of `microgpt/wasm/compiler/`."""
