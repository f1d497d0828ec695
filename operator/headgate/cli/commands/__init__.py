"""One module a command: gather (read files), decide (pure), print."""
