"""From the bytes of any files to documents, and a portrait of them; `reader.py` is the way in."""
