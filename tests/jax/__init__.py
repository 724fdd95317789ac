"""Tests of the engine that computes with JAX, in an environment of their own."""
