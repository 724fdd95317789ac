"""What a model has learned, and why it writes what it writes: analyses in plain Python."""
