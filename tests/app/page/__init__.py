"""Tests of `app/page/`."""
