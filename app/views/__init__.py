"""The parts of the page, each drawn from plain data. They know nothing of the core or the worker."""
