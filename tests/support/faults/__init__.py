"""A proxy before a real API server that records what goes through, and lets go wrong what a test plans."""
