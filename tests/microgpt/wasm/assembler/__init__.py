"""Tests of `microgpt/wasm/assembler/`."""
