"""What becomes of a Run: decided here from what was observed, carried out elsewhere. Pure: no cluster, no clock."""
