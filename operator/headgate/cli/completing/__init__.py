"""Shell completion: what may stand where the cursor is. `commands.completion` asks."""
