"""Tests of the worker's side of the Lab."""
