"""How people are asked before they vote: at a terminal, with what their vote would do."""
