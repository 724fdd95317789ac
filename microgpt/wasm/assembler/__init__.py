"""Writes WebAssembly modules: opcodes, their encoding, functions with checked types."""
