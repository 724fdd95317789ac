"""The playground around the core: the page, the worker and the site that carries them."""
