"""The scalar engine: the model in plain Python arithmetic, slow, complete and exact.

It is the definition that every other engine is measured against.
"""
