"""Shapes of figures for the slow computation: a sum, a sum over a sum, a share of rows."""

from __future__ import annotations

import pandas as pd

from tests.kpis.slow_rows import (
    Figure,
    Frames,
    known_sum,
    over,
    total,
)

Asked = tuple[Frames, Figure]


def amount(frame: pd.DataFrame, column: str) -> Asked:
    """A sum."""
    return {"a": frame}, lambda f: known_sum(f["a"][column])


def rate(upper: pd.DataFrame, lower: pd.DataFrame, column: str, below: str | None = None) -> Asked:
    """Sum over sum."""
    return {"a": upper, "b": lower}, lambda f: over(
        total(f["a"][column]), total(f["b"][below or column])
    )


def part(frame: pd.DataFrame, chosen: pd.Series, column: str | None = None) -> Asked:
    """Share of the rows chosen, by number or by amount."""
    frame = frame.assign(chosen=chosen, one=1.0)
    name = column or "one"
    return {"a": frame}, lambda f: over(total(f["a"][f["a"]["chosen"]][name]), total(f["a"][name]))


def buyers(frame: pd.DataFrame) -> set[str]:
    return set(frame["account_id"])
