"""What `make verify` checks, a module a check. The Makefile and the tests call them; the product knows nothing of it.

To add a check: write `check(tree) -> Verdict` in a module of its own, and name it in `__main__.py`.
"""
