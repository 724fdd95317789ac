"""The Lab: experiments of many runs. Imported with the first command about it."""
