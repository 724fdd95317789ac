"""The random numbers that choose tokens, as a pure function: the same seed gives the same text.

Plain Python that MicroPython understands.
"""

SEED_BITS = 30  # of the seed of a stream of numbers
MASK = 0xFFFFFFFF


def uniform(seed: int, position: int) -> float:
    """The number from 0 to below 1 that chooses the token at `position` (0 for the first).

    A hash of both: the finalizer of MurmurHash3 (Appleby, 2011) over a Weyl sequence, as in
    SplitMix (Steele, Lea and Flood, 2014), in 32 bits.

        >>> [round(uniform(1, position), 3) for position in range(3)]
        [0.009, 0.675, 0.671]
    """
    number = (seed * 0x85EBCA6B + (position + 1) * 0x9E3779B9) & MASK
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        number = ((number ^ (number >> shift)) * factor) & MASK
    return (number ^ (number >> 16)) / 4294967296
