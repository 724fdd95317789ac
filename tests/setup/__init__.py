"""Installs what the tests need and a fresh machine lacks: Chromium, and wheels for Pyodide."""
