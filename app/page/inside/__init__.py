"""The inside of the model on the page: fetched and imported when the first view is opened."""
