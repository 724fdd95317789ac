"""The one error of all that is read. The module knows nothing of what can go wrong."""

from __future__ import annotations


class DataError(ValueError):
    """What was brought cannot be trained on; the message says why and what to do."""
