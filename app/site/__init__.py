"""Makes a static site of the app: sets up what that takes, builds the files and serves them."""

BUILD_LABEL = "build.json"  # written last by each build: it marks a whole site
