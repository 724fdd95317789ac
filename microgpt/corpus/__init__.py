"""From the bytes of any files to documents, and statistics of them; `reader.py` is the way in."""
