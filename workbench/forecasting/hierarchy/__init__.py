"""Hierarchies: forecasts that add up over nodes and time, with nodes that can be locked."""
