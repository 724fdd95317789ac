"""Runs and models as programs of Python and PyTorch that need nothing of this package."""
