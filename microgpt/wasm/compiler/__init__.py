"""Compiles a model: trace, graph, gradient, layout, memory, passes, training loop."""
