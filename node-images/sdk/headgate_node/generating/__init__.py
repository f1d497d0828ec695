"""Writes what follows from node files: NodeTypes, and a page for people. `make generate` runs it, and node authors may.

Needs PyYAML, which pods do not have (`headgate-node[generate]`).
"""
