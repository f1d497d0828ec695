"""What a Run's status says: all of it is derived from facts, bounded, and written only when it says something new."""
