"""What a compiled model computes with: one operation per file, with its derivative and its record.

Every kernel works on rows of whole matrices; addresses and the number of rows are arguments, sizes
are constants. A kernel is emitted once for each set of sizes and shared by all layers.
"""
