"""The audit log, as people read it at a terminal. Pure."""
