"""The node of the `code` image. Nothing is imported here: a pod loads what it runs."""
