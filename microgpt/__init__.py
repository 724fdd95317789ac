"""microgpt: a GPT small enough to read, in pure Python.

Start with `model.py`, which holds the whole model; `autograd.py`, which can differentiate it; and
`run.py`, which trains it. The package knows nothing of browsers or pages.
"""
