"""Six programs that each add one thing to the one before, from counts of pairs to the GPT.

Each stands alone, on purpose: it is complete, is read from top to bottom, and imports nothing but
the standard library. The same parts have the same names in all of them and come in the same order,
so that what differs is what is new.
"""

TITLES = (
    "counts of pairs",
    "an MLP with gradients worked out by hand",
    "the same with automatic differentiation",
    "attention, positions, RMSNorm and residuals",
    "several heads and layers: the GPT",
    "the GPT with Adam: microgpt.py",
)  # of train0 to train5
