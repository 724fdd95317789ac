"""Past runs side by side: a table, two of them compared; fetched when it is first opened."""
