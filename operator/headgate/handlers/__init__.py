"""Between the cluster and the decisions: what happened puts a key into a queue, and for each key: gather, decide, act."""
