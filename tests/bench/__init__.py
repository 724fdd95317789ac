"""How fast it is, measured: the scalar engine's steps, and the page's way up."""
