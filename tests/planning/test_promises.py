"""Promises of people and of heads: read, corrected and carried as one would on paper."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.planning.hand import MONTHS, SOLD, entries, hand_made
from workbench.planning.company_year import ground
from workbench.planning.promises import promises
from workbench.planning.year_ahead import Ahead

#: What people tell of a month, over what it brings, by how many months ahead they tell it.
HABIT = {1: 0.8, 2: 1.0, 3: 1.25}
AHEAD = pd.date_range("2026-08-01", "2027-12-01", freq="MS")


def monthly(step, node, amount, habit=HABIT):
    """Entries of four years, told at each month's end for the three months ahead."""
    rows = []
    for month in [*MONTHS[-24:], *AHEAD[:3]]:
        for lead, part in habit.items():
            made = month - pd.DateOffset(months=lead) + pd.offsets.MonthEnd(0)
            if made <= pd.Timestamp("2026-07-31"):
                end = month + pd.offsets.MonthEnd(0)
                rows.append((step, node, made, month, end, amount * part))
    return rows


def promised(folder, rows, year=2027):
    company = hand_made(folder, forecast_entry=entries(rows))
    found = ground(company)
    known = found.sales.pivot_table(index="month", columns="node", values="value", aggfunc="sum")
    steady = np.array([SOLD[leaf if leaf in SOLD else ""] for leaf in found.leaves])
    values = np.broadcast_to(steady, (2, len(AHEAD), len(steady))).copy()
    near = Ahead(found.leaves, AHEAD, values, 7, known[found.leaves])
    table = promises(company, found, near, year)
    return None if table is None else table.set_index("node")


def test_habits_are_those_of_the_distance_and_touch_the_entries_alone(tmp_path):
    # told 0.8, 1.0 and 1.25 of a million: once corrected, the year is what the forecast has it
    found = promised(tmp_path, monthly("rep", "A", 1e6)).loc["A"]
    assert found["own"] == pytest.approx(12e6, rel=2e-3)
    assert found["submitted"] == pytest.approx(12e6 * (0.8 + 1 + 1.25 + 12) / 15, rel=1e-3)


def test_a_promise_of_the_whole_year_counts_as_it_is(tmp_path):
    rows = [("rep", "B", "2023-11-30", "2024-01-01", "2024-12-31", 24e6)]
    rows += [("rep", "B", "2024-11-30", "2025-01-01", "2025-12-31", 24e6)]
    rows += [("rep", "B", "2026-07-31", "2027-01-01", "2027-12-31", 30e6)]
    found = promised(tmp_path, rows).loc["B"]
    assert found["submitted"] == pytest.approx(30e6)
    assert found["own"] == pytest.approx(30e6, rel=2e-3)


def test_months_of_the_running_year_that_are_over_are_as_they_came(tmp_path):
    found = promised(tmp_path, monthly("rep", "A", 1e6), year=2026).loc["A"]
    assert found["own"] == pytest.approx(12e6, rel=2e-3)


def test_heads_move_their_people_as_far_as_they_have_been_nearer(tmp_path):
    people = [*monthly("rep", "A", 1e6), *monthly("rep", "B", 2e6), *monthly("rep", "C", 3e6)]
    plain = promised(tmp_path / "plain", people)
    rows = [*people, *monthly("manager", "T1", 3e6, habit={1: 1.0})]
    rows[-1] = (*rows[-1][:-1], 4.5e6)  # for August, half as much again
    found = promised(tmp_path / "heads", rows)
    assert found["own"].to_numpy() == pytest.approx(plain["own"].to_numpy())
    moved = found["value"] / found["own"]
    assert moved["A"] == pytest.approx(moved["B"])
    assert moved["C"] == 1.0
    assert 1.0 < moved["A"] < (4.5 + 36) / 39  # between its people's sum and the head's


def test_nothing_entered_promises_nothing(tmp_path):
    assert (
        promised(tmp_path, [("manager", "T1", "2026-06-30", "2026-07-01", "2026-07-31", 1e6)])
        is None
    )
