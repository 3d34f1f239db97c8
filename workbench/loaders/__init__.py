"""Any export or sheet into the company, nothing lost.

files -> raw rows (`files/`) -> header, titles, totals (`layout.py`) -> what it is (`recognise.py`)
-> values (`values/`, `convert.py`) -> tables of the company, versions kept (`into.py`).
"""
