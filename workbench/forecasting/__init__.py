"""Forecasting: many series at once, hierarchies, pipeline and judgement, with honest intervals."""
