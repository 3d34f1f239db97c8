"""The outlook of a company: what is booked and collected by the end of the year, and why.

`scope.py` what is looked at            `monthly.py` history by month and node
`bookings.py` all nodes, with draws     `money.py` collections
`targets.py` tiers and chances          `deals.py` parts of the pipeline, deals that decide
`past.py` how earlier forecasts fared   `drivers.py` why it differs from a year ago
`changes.py` against a month ago        `people.py` what judgement added
`promotions.py` what promotions bring   `fans.py` tables of fans
`deals_ahead.py` pipeline by month      `open_deals.py` open deals, whatever is assumed or locked
"""
