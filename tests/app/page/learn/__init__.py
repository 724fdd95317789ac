"""Tests of the place Learn."""
