"""The main job of the page, in every browser that this machine has."""
