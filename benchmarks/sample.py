"""Making a sample company of each size: seconds, peak memory, rows and bytes written.

There is no tool a user would otherwise pick, so the sizes stand beside each other. The large one
(1 million accounts, 10 million order lines) is written in parts and measured once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.harness import Job, main


def make(size: str) -> Callable[[], object]:
    """Get ready to write a company of a size into a folder of its own."""
    from workbench.sample import generate

    def write() -> object:
        with tempfile.TemporaryDirectory() as folder:
            made = generate(Path(folder) / size, seed=7, size=size)
            return {
                "accounts": made.rows["account"],
                "order lines": made.rows["order_line"],
                "MB": round(made.bytes / 1e6, 1),
            }

    return write


JOBS = [
    Job("Small, in the repository", {"small": partial(make, "small")}, goal="8 MB"),
    Job("Medium, 100,000 accounts", {"medium": partial(make, "medium")}, goal="under 60 s"),
    Job(
        "Large, 1 million accounts and 10 million order lines, streamed",
        {"large": partial(make, "large")},
        goal="peak memory under 4 GB",
        repeats=1,
    ),
]

if __name__ == "__main__":
    main("benchmarks.sample", JOBS)
