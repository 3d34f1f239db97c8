"""Sweeps: one or several studies at many points of their parameters, resumed where they stopped.

What is asked for: `spec.py`, its points: `designs.py`. What is done and found: `cases.py`. Doing
it: `engine.py`, `worker.py`; what is done already: `journal.py`; how far it is: `status.py`. What
came out: `table.py`, `sensitivity.py`, `pareto.py`, and for people `page.py`.
"""
