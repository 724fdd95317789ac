"""Tests of `app/shared/`."""
