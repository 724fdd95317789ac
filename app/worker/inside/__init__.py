"""The inside of the model at one moment: imported with the first `inspect`, not before."""
