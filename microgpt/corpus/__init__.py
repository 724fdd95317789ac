"""From the bytes of any files to documents and their statistics; the entry is `loading.py`."""


class DataError(ValueError):
    """The data cannot be trained on; the message says why and what to do."""


class FormatError(DataError):
    """A file is not in the format that it was read as."""
