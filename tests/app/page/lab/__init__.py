"""Tests of the Lab: what is told of experiments, as pictures, words and tables."""
