"""Incentives: what a pay plan costs, who wins and loses, and what it makes people do."""
