"""Experiments of many runs: sweeps over settings, and what comes out of them in numbers and words.

It knows runs by their settings and results, and neither the page nor the terminal.
"""
