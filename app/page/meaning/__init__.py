"""What a run means, in full: fetched when it is opened."""
