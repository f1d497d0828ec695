"""What commands ask of a cluster, and do there. Commands are short: one connection, then it ends."""
