"""What the examples talk to, as nodes that answer by themselves: a word in what they are asked says how."""
