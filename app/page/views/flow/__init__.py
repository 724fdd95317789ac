"""The picture of a model: what happens to the text, drawn from the list of its operations."""
