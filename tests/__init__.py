"""The tests of the playground: run them all with `python3 -m tests`."""
