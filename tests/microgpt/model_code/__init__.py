"""Models that are defined by a text."""
