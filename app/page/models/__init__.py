"""The dialog of models, and what opens one; fetched when it is first wanted."""
