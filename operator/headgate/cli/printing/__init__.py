"""Findings for people (`text`) and for machines (`json`, `github`, `sarif`): each takes a report and gives text."""
