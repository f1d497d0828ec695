"""Between the cluster and the decisions: what happened queues a key, and for each key: gather, decide, act."""
