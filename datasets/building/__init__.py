"""What `datasets/build.py` needs: package sources, and how each becomes one document per line."""
