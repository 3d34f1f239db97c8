"""Sales analysis: what happened, why, and what of it is real.

`scope.py` period, regions and the SQL questions start from    `measure.py` KPIs over a scope
`growth.py` growth by cause    `margin.py` margin by cause    `trend.py` comparisons by calendar
`cuts.py` product x region x channel    `customers.py` cohorts, retention, concentration, RFM
`baskets.py` what is bought together    `market.py` share of market    `funnel.py` win rates, cycle
`pipeline.py` what moved the pipeline    `discounts.py` discounts at approval limits
`receivables.py` overdue and ageing    `dealers.py` stock and sell-out    `anomalies.py` odd days
`first_page.py` and `story_*.py` turn these into pages; `study_sales_analysis.py` is the study.
"""
