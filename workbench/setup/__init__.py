"""Set-up of a checkout: `python -m workbench.setup demo|test|lab|...`, also without make.

Runs before anything is installed: it uses the standard library and the rooms below that need
nothing else (`terminal.py`, `text/`, `errors.py`). Commands: `__main__.py`. The environment:
`install.py`. Mirrors and proxies: `index.py`. The lock: `lock.py`. What is committed:
`notebooks.py`, `files.py`.
"""

import sys

OLDEST = (3, 11)


def refuse_old_python(version: tuple[int, ...] = sys.version_info[:3]) -> None:
    """End the program with one clear sentence if Python is too old.

    Stands here, in the plainest syntax, because an old Python reads this file first and could
    not even read the others.
    """
    if tuple(version[:2]) < OLDEST:
        found = ".".join(str(part) for part in version[:3])
        sys.exit(
            "Sales Workbench needs Python 3.11 or newer, this is "
            + found
            + "; name a newer one: make PYTHON=python3.12 demo\n"
            + "Sales Workbench 需要 Python 3.11 或更高版本，当前为 "
            + found
            + "；可指定：make PYTHON=python3.12 demo"
        )


refuse_old_python()
