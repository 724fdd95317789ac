"""The data sets that come with the playground, and what makes them."""
