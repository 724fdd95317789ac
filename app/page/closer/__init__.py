"""A closer look at a run: fetched when it is opened."""
