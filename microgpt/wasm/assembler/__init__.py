"""Writes WebAssembly modules: opcodes, their encoding, functions with checked types."""

PAGE_BYTES = 65536  # of a page of memory
