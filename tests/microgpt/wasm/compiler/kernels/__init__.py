"""Tests of `microgpt/wasm/compiler/kernels/`."""
