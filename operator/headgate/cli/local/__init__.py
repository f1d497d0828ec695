"""`headgate run --local`: whole Runs on this machine, decided by the code of the operator. `command` begins them."""
