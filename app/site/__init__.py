"""How the app becomes a site: sets up what it needs, builds the static files and serves them."""

BUILD_LABEL = "build.json"  # what a site says of its making: written last, and new with each build
