"""The parts of the page, each drawn from plain data. They know neither the core nor the worker."""
