"""Layouts of the planners, one a study, by its name."""
