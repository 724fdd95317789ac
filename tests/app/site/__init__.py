"""Tests of `app/site/`."""
