"""Speed measurements: the engines, the start of the page, training and loading data there."""
