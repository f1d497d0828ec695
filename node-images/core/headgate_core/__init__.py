"""The nodes of the `core` image, a file each. Nothing is imported here: a pod loads the nodes that it runs."""
