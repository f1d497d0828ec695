"""From files to Headgate objects, with the place in the text of everything in them."""
