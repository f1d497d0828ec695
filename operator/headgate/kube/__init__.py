"""The one package that talks to the API server: plain dictionaries in and out, and errors of our own."""
