"""A Run as people see it at a terminal: its tree, why it is where it is, what changed. Pure: the time is handed in."""
