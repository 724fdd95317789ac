"""How fast it is, measured: the engines, the page's way up, and its way to a trained model."""
