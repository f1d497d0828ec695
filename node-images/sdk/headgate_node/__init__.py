"""The SDK: what a node of Headgate is written with, and what runs it in its pod."""
