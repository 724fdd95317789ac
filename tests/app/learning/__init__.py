"""Tests of what runs in the worker of Learn."""
