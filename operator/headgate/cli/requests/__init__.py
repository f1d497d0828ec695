"""A question to people, as they read it at a terminal. Pure: the time is handed in."""
