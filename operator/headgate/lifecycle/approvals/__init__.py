"""Questions to people: what is asked, who may answer, how it ends. Pure, as all of `lifecycle`."""
