"""The dialog with which an experiment is shared."""
