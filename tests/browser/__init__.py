"""Tests of the real site in a real Chromium, and the core's unit tests inside Pyodide."""
