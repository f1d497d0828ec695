"""Notifications: who is to be told of what, what is sent, and when it is tried again. Views: nothing here decides."""
