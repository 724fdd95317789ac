"""Every message between the page and its worker, in both directions.

A message is a dictionary of plain data with a `type`; at most one field, `blob`, travels beside it
as bytes. Python makes messages nowhere else; `boot` and `fatal` also come from the scripts in
`static/`, when there is no Python yet or no more. What is said of a run bears the number that the
page gave it. Imported by both sides, so plain Python that MicroPython understands; the package
knows nothing of what a message brings about.
"""
