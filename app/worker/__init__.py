"""The worker: Pyodide beside the page."""
