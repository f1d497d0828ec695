"""A graph as people see it: `mermaid` and `dot` for pictures, `outline` for a terminal; the same `words` in all."""
