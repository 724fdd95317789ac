"""What the page keeps in the browser between visits: the run, the data, the text, the settings."""
