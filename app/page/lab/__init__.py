"""The Lab: experiments of many runs; fetched when it is first opened."""
