"""From what the cluster holds to what has happened: the same object always tells the same facts."""
