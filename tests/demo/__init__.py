"""`make demo`: one example on its way from a file to a real cluster, as far as that way exists today."""
