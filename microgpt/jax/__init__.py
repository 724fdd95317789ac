"""The model over arrays, for larger ones: JAX compiles `gpt()` and spreads it over devices.

Nothing else of the package imports JAX, and these modules are imported only where it is asked for.
"""
