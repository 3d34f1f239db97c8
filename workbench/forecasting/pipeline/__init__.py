"""Pipeline forecast: open deals, deals still to be created, collections, and the hand-over.

What was known when: `features.py`. Chances: `hazard.py`. Draws and the forecast: `simulate.py`,
`forecast.py`. What people said: `baselines.py`, `bias.py`. Money coming in: `collections.py`.
Pipeline near, time series far: `blend.py`.
"""
