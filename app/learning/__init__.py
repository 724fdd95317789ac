"""What runs in the worker of Learn, in Pyodide: the programs of the progression, expressions."""
