"""The worker: Python in Pyodide, beside the page and out of its thread."""
