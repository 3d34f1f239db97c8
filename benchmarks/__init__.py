"""Timed claims of the project, side by side with the tool a user would otherwise pick."""
