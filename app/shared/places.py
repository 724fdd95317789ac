"""The places of the page, and what there is to open in them, as the address names them.

Plain Python that MicroPython understands.
"""

PLAYGROUND, LAB, LEARN = "playground", "lab", "learn"
PLACES = (PLAYGROUND, LAB, LEARN)
SCALAR = "scalar"  # the page on automatic differentiation, one number at a time
PROGRAMS = ("0", "1", "2", "3", "4", "5", SCALAR)
