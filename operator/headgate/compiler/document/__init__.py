"""What `parse` is made of: bounds, places in a document, the wording of what is wrong, and the repair of it."""
