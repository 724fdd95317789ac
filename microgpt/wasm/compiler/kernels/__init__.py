"""What a compiled model computes with: one operation a file, its derivative beside it.

Every kernel works on the rows of whole matrices; addresses and the number of rows are arguments,
sizes are constants. A kernel is emitted once for each set of sizes and shared by all layers.
"""
