"""The panel of the model code, fetched when it is first opened."""
