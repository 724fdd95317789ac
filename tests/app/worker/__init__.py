"""Tests of `app/worker/`."""
