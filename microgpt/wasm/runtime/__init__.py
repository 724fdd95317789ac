"""Runs a compiled model: hosts, its memory from outside, and the engine over both."""
