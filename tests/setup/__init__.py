"""What the tests need and a fresh machine has not: a Chromium, and wheels for Pyodide."""
