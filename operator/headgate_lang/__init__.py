"""What Headgate's operator and its node runtime must do alike: pure, with tiny dependencies.

Everything else that passes between the two is schemas and documents.
"""
