"""The data sets of the playground, and the programs that build and evaluate them."""
