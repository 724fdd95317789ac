"""What `datasets/build.py` puts together: sources, and how each becomes one document a line."""
