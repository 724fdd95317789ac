"""Model code: the text of a model that somebody has written, from its checks to its functions."""
