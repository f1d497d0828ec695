"""Jinja templates that reach nothing but the values they are given, and end. Used by `template`.

`environment` lets through what is listed in `words` and `filters`, `rewriting` makes the template tell `budget` what it
does, `rendering` puts it together.
"""
