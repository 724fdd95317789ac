"""How the app becomes a site: sets up what it needs, builds the static files and serves them."""
