"""Tests of the project as a whole: imports, files, style, set-up."""
