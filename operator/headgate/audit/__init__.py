"""The audit log: who did what, in an order that nobody can change unseen. Pure; `handlers` keeps it, `cli` reads it."""
