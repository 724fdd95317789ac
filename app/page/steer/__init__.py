"""A run's course on the page, and what stops it: fetched and imported with the first run."""
