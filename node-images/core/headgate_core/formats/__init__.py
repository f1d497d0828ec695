"""What several nodes that read or write formats share. No node is here: node files stand one folder above."""
