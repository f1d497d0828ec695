"""Runs a person's code so that nothing but its own inputs, its answer and an empty folder is in its reach.

The `code` node calls `sandbox.run.run`. The code is a `main` that gets the inputs by name (in JavaScript as one object:
`function main({prices}) {…}`), or what stands inside of one. What it returns, as JSON, is the result.
"""
